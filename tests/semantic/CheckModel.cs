// Loads a TMDL folder with Microsoft's own serialiser and says what is in it, or where its first mistake is.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.AnalysisServices.Tabular;
using Microsoft.AnalysisServices.Tabular.Tmdl;

static class CheckModel
{
    static int Main(string[] arguments)
    {
        try
        {
            var model = TmdlSerializer.DeserializeDatabaseFromFolder(arguments[0]).Model;
            var problems = Problems(model).ToList();
            foreach (var problem in problems)
                Console.Error.WriteLine(problem);
            if (problems.Count > 0)
                return 1;
            Console.WriteLine(
                "{0} tables, {1} columns, {2} measures, {3} relations, {4} languages",
                model.Tables.Count,
                model.Tables.Sum(table => table.Columns.Count(column => column.Type != ColumnType.RowNumber)),
                model.Tables.Sum(table => table.Measures.Count),
                model.Relationships.Count,
                string.Join(" ", model.Cultures.Select(culture => culture.Name)));
            return 0;
        }
        catch (TmdlFormatException error)
        {
            Console.Error.WriteLine("{0}, line {1}: {2}: {3}", error.Document, error.Line, error.Message.Trim(), error.LineText);
        }
        catch (TmdlSerializationException error)
        {
            Console.Error.WriteLine(error.Message.Trim());
        }
        return 1;
    }

    // What the serialiser lets pass and the engine refuses.
    static IEnumerable<string> Problems(Model model)
    {
        foreach (var table in model.Tables)
        {
            if (table.Partitions.Count == 0)
                yield return table.Name + ": no partition";
            foreach (var measure in table.Measures)
                if (table.Columns.Any(column => string.Equals(column.Name, measure.Name, StringComparison.OrdinalIgnoreCase)))
                    yield return table.Name + ": a measure and a column are both called " + measure.Name;
            foreach (var column in table.Columns.Where(column => column.SortByColumn != null))
                if (column.SortByColumn.Table != table)
                    yield return table.Name + "." + column.Name + ": sorted by another table's column";
        }
        foreach (SingleColumnRelationship relation in model.Relationships)
            if (relation.FromColumn.DataType != relation.ToColumn.DataType)
                yield return relation.Name + ": columns of two types";
        var ways = model.Relationships.Cast<SingleColumnRelationship>().ToLookup(it => it.ToTable, it => it.FromTable);
        foreach (var table in model.Tables)
            foreach (var twice in Reached(ways, table).GroupBy(it => it).Where(it => it.Count() > 1))
                yield return string.Format("{0} filters {1} in more than one way", table.Name, twice.Key.Name);
    }

    static IEnumerable<Table> Reached(ILookup<Table, Table> ways, Table from)
    {
        return ways[from].SelectMany(to => new[] { to }.Concat(Reached(ways, to)));
    }
}

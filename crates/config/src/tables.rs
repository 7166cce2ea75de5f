//! The CSV tables of `config`: their columns, what each holds and which may be left out. The reference and the headers of
//! new tables are made from this.

/// A table that people edit.
#[derive(Debug)]
pub struct TableSpec {
    /// Relative to the folder of the configuration.
    pub file: &'static str,
    /// One row of it.
    pub row: &'static str,
    pub columns: &'static [ColumnSpec],
}

/// A column; `<language>` in its name stands for each language of the survey.
#[derive(Debug)]
pub struct ColumnSpec {
    pub name: &'static str,
    /// Whether the table must have it, and each row a value.
    pub is_mandatory: bool,
    pub meaning: &'static str,
    /// What it may hold, and what an empty cell means.
    pub values: &'static str,
    pub example: &'static str,
}

/// In the name of a column.
pub const LANGUAGE: &str = "<language>";

const fn must(
    name: &'static str,
    meaning: &'static str,
    values: &'static str,
    example: &'static str,
) -> ColumnSpec {
    ColumnSpec { name, is_mandatory: true, meaning, values, example }
}

const fn may(
    name: &'static str,
    meaning: &'static str,
    values: &'static str,
    example: &'static str,
) -> ColumnSpec {
    ColumnSpec { name, is_mandatory: false, meaning, values, example }
}

const LABEL: ColumnSpec = may(
    "label_<language>",
    "The label in a language",
    "any text; empty: the name",
    "Video calls: used",
);

pub const CONCEPTS: TableSpec = TableSpec {
    file: "codebook/concepts.csv",
    row: "a variable that all waves share",
    columns: &[
        must(
            "concept",
            "Its name, as SQL and the marts use it",
            "lower-case letters, digits and `_`",
            "video_use",
        ),
        may("theme", "What it is about", "any text", "contact"),
        may(
            "kind",
            "What a value is",
            "`category`, `number`, `date`, `text`; empty: `category` where `answers` is filled, else `number`",
            "category",
        ),
        may(
            "role",
            "What it is for",
            "`answer`, `identifier`, `background`, `design`, `paradata`, `completed`, `last_page`, `duration`; empty: `answer`",
            "answer",
        ),
        may("answers", "The answer list of a category", "a list of answers.csv", "yes_no"),
        may(
            "unit",
            "The unit of a number",
            "any text; a `duration` is in `seconds` or `minutes`",
            "seconds",
        ),
        LABEL,
        may(
            "base_includes",
            "Missing reasons that stay in the base of its shares",
            "missing reasons joined by `|`",
            "dont_know",
        ),
        may(
            "derivation",
            "SQL over other concepts for a derived concept",
            "a SQL expression; empty: it is asked",
            "age >= 65",
        ),
    ],
};

pub const ANSWERS: TableSpec = TableSpec {
    file: "codebook/answers.csv",
    row: "an answer of an answer list",
    columns: &[
        must("answers", "The answer list", "a name", "yes_no"),
        must("code", "The answer's code", "at most 200 bytes without `|` and `*`", "yes"),
        may("order", "Its place in the list", "a whole number; empty: after the row above", "1"),
        LABEL,
    ],
};

pub const ITEMS: TableSpec = TableSpec {
    file: "codebook/items.csv",
    row: "how one panel asked a concept in one wave",
    columns: &[
        must("panel", "Who was asked", "a panel of config/panels", "gp"),
        must("wave", "When", "a wave of monitor.toml", "2024"),
        must("concept", "What was asked", "a concept of concepts.csv", "video_use"),
        must(
            "column",
            "The header as delivered",
            "the text of the header; `<record_number>` for the ids of a file without any",
            "Q14_3",
        ),
        may(
            "aliases",
            "Other headers under which the column may come",
            "headers joined by `|`",
            "Q14.3|v14_3",
        ),
        may(
            "occurrence",
            "Which of several columns with this header",
            "1 to 100000; empty: 1",
            "1",
        ),
        may(
            "option",
            "In a cell with several answers, the one that this row is about",
            "the answer's text; `<other>` for every answer that no other row names",
            "Video calls",
        ),
        may(
            "crosswalk",
            "Which codes the values become",
            "a crosswalk of crosswalks.csv; empty for numbers, dates and texts taken as they come",
            "yes_no_label",
        ),
        may("minimum", "The smallest number that is valid", "a number", "0"),
        may("maximum", "The largest number that is valid", "a number", "120"),
        may(
            "routed_by",
            "The concept whose answers decide who is asked",
            "a concept; empty: all are asked",
            "uses_video",
        ),
        may("routed_codes", "Its answers for which this is asked", "codes joined by `|`", "yes"),
        may(
            "comparability",
            "How comparable it is with the wave before",
            "`identical`, `compatible`, `incompatible`; empty: `identical`",
            "identical",
        ),
        may(
            "question_<language>",
            "The question as it was asked",
            "any text",
            "Do you use video calls?",
        ),
        may("note", "For whoever maintains the codebook", "any text", ""),
    ],
};

pub const CROSSWALKS: TableSpec = TableSpec {
    file: "codebook/crosswalks.csv",
    row: "what one delivered value becomes",
    columns: &[
        must("crosswalk", "The crosswalk", "a name", "yes_no_label"),
        must(
            "value",
            "The delivered value",
            "its text; `<empty>` for an empty cell, `<number>` for any other number, `<other>` for any other text of a category",
            "Ja",
        ),
        may(
            "code",
            "The code it becomes",
            "a code of the concept's answers; `<number>` for the number itself",
            "yes",
        ),
        may(
            "missing",
            "Or the missing reason it becomes",
            "`not_asked`, `not_routed`, `unanswered`, `dont_know`, `not_applicable`, `refused`, `broke_off`, `invalid`, `suppressed`",
            "dont_know",
        ),
        may("note", "For whoever maintains the codebook", "any text", ""),
    ],
};

pub const INDICATORS: TableSpec = TableSpec {
    file: "indicators.csv",
    row: "a published indicator",
    columns: &[
        must("indicator", "Its name in the marts", "a name", "video_use"),
        may("figures", "The figures that show it", "figures joined by `|`", "F1|F7"),
        must("concept", "The concept it is made of", "a concept of concepts.csv", "video_use"),
        may(
            "kind",
            "How it is made",
            "`proportion` of a category, `mean` of a number; empty: by the concept's kind",
            "proportion",
        ),
        may(
            "codes",
            "The answers that count as yes in a proportion",
            "codes joined by `|`; `*`: one indicator for each answer, named `<indicator>_<code>`",
            "yes",
        ),
        may(
            "base",
            "Who is in the base, beside those with an answer",
            "a SQL condition; empty: everybody",
            "uses_video = 'yes'",
        ),
        may(
            "panels",
            "For whom it is made",
            "panels and groups joined by `|`; `*` or empty: all panels that ask the concept",
            "gp|nurse",
        ),
        may("first_wave", "The first wave in which it is made", "a wave; empty: the first", "2021"),
        may(
            "last_wave",
            "The last wave in which it is made",
            "a wave; empty: the last, whichever it will be",
            "",
        ),
        may(
            "unit",
            "The unit in which it is published",
            "`percent`, `score` or another; empty: `percent` for a proportion, the concept's unit for a mean",
            "percent",
        ),
        may("decimals", "Decimals of the published value", "0 to 10; empty: 0", "0"),
        may("colour", "Its colour in charts", "as #1f6f8b; empty: one of the palette", ""),
        LABEL,
    ],
};

pub const BREAKDOWNS: TableSpec = TableSpec {
    file: "breakdowns.csv",
    row: "by what figures are shown apart",
    columns: &[
        must("breakdown", "Its name in the marts", "a name", "age"),
        must(
            "concept",
            "The category whose answers are the levels",
            "a concept of concepts.csv",
            "age_group",
        ),
        may(
            "panels",
            "For whom it is made",
            "panels and groups joined by `|`; `*` or empty: all",
            "population|chronic",
        ),
        may("indicators", "For which indicators", "indicators joined by `|`; empty: all", ""),
        may(
            "followed",
            "Of which indicators the differences between its levels are compared over the waves, in `contrast_change`",
            "indicators joined by `|`; empty: none",
            "",
        ),
        LABEL,
    ],
};

pub const TARGETS: TableSpec = TableSpec {
    file: "targets/PANEL.csv",
    row: "the population in one cell of one margin",
    columns: &[
        must("wave", "When", "a wave of monitor.toml", "2024"),
        must("margin", "The margin", "concepts joined by `*`", "sex*age_group"),
        must(
            "level",
            "Its cell",
            "codes in the same order joined by `*`; `total` for the sum of a number",
            "female*35-49",
        ),
        must("total", "The population in the cell", "a number above 0", "1520431"),
        must(
            "source",
            "Where the number comes from",
            "any text",
            "CBS StatLine 03759ned, 1 January 2024",
        ),
        may(
            "status",
            "What the number is worth",
            "`published`, `illustrative`; empty: `illustrative`",
            "published",
        ),
    ],
};

/// All tables.
pub const ALL: [&TableSpec; 7] =
    [&CONCEPTS, &ANSWERS, &ITEMS, &CROSSWALKS, &INDICATORS, &BREAKDOWNS, &TARGETS];

impl TableSpec {
    /// The whole header, with one column for each language.
    pub fn header(&self, languages: &[String]) -> Vec<String> {
        let names = self.columns.iter().flat_map(|column| {
            if column.name.contains(LANGUAGE) {
                languages.iter().map(|name| column.name.replace(LANGUAGE, name)).collect()
            } else {
                vec![column.name.to_owned()]
            }
        });
        names.collect()
    }

    /// The columns that the table must have.
    pub(crate) fn mandatory(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().filter(|column| column.is_mandatory).map(|column| column.name)
    }
}

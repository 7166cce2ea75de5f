//! What is written as chunks comes back, however the rows were cut into arrays.
#![allow(clippy::unwrap_used)] // a test may stop

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Int8Array, Int16Array, Int32Array, RecordBatch,
    StringArray,
};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Int16Type, Int32Type};
use bytes::Bytes;
use chunk::DictionaryChunk;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

/// Texts of rows as a dictionary that has values of no row, and some values twice.
fn texts(rows: &[Option<u8>]) -> ArrayRef {
    let values: Vec<String> = (0..=255).map(|place| format!("text {}", place % 200)).collect();
    let keys: Int16Array = rows.iter().map(|row| row.map(i16::from)).collect();
    Arc::new(
        DictionaryArray::<Int16Type>::try_new(keys, Arc::new(StringArray::from(values))).unwrap(),
    )
}

fn numbers(rows: &[Option<u8>]) -> ArrayRef {
    let keys: Int32Array = rows.iter().map(|row| row.map(i32::from)).collect();
    let values = Int32Array::from_iter_values((0..256).map(|place| place % 200 - 100));
    Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::new(values)).unwrap())
}

fn small_numbers(rows: &[Option<u8>]) -> ArrayRef {
    Arc::new(rows.iter().map(|row| row.map(u8::cast_signed)).collect::<Int8Array>())
}

/// Plain texts, short and long ones with the same first and last bytes.
fn plain_texts(rows: &[Option<u8>]) -> ArrayRef {
    let text = |row: u8| match row % 4 {
        0 => format!("{row}"),
        1 => format!("beginning {:02} and an end", row % 100),
        2 => format!("beginning {:02} and no end", row % 100),
        _ => "\0".repeat(usize::from(row % 9)),
    };
    Arc::new(rows.iter().map(|row| row.map(text)).collect::<StringArray>())
}

/// Makes a column of rows.
type Maker = fn(&[Option<u8>]) -> ArrayRef;

/// A file of one row group: a text and two numbers a row, cut into arrays of at most `piece` rows.
fn file(rows: &[Option<u8>], piece: usize) -> parquet::errors::Result<Bytes> {
    let optional = if rows.iter().all(Option::is_some) { "required" } else { "optional" };
    let schema = format!(
        "message m {{ {optional} binary text (STRING); {optional} int32 number; {optional} int32 small (INTEGER(8,true)); {optional} binary plain (STRING); }}"
    );
    let schema = Arc::new(parse_message_type(&schema)?);
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::default())?;
    let makers: [Maker; 4] = [texts, numbers, small_numbers, plain_texts];
    let columns = file.schema_descr().columns().to_vec();
    let mut group = file.next_row_group()?;
    for (column, make) in columns.into_iter().zip(makers) {
        let mut chunk = DictionaryChunk::new(column);
        rows.chunks(piece).try_for_each(|rows| chunk.write(&make(rows)))?;
        chunk.close()?.append_to_row_group(&mut group)?;
    }
    group.close()?;
    Ok(file.into_inner()?.into())
}

fn read(file: Bytes) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    concat_batches(&schema, &batches).unwrap()
}

fn assert_comes_back(rows: &[Option<u8>], piece: usize) {
    let found = read(file(rows, piece).unwrap());
    let plain = |array: ArrayRef, kind: DataType| cast(&array, &kind).unwrap();
    assert_eq!(found.column(0), &plain(texts(rows), DataType::Utf8));
    assert_eq!(found.column(1), &plain(numbers(rows), DataType::Int32));
    assert_eq!(found.column(2), &small_numbers(rows));
    assert_eq!(found.column(3), &plain_texts(rows));
}

/// Rows in runs and mixed, with and without empty ones.
fn rows() -> impl Strategy<Value = Vec<Option<u8>>> {
    let run = (any::<u8>(), 1..60_usize, any::<bool>())
        .prop_map(|(value, rows, is_empty)| vec![(!is_empty).then_some(value); rows]);
    let mixed = proptest::collection::vec(proptest::option::weighted(0.9, any::<u8>()), 0..60);
    let full = proptest::collection::vec(any::<u8>().prop_map(Some), 0..60);
    proptest::collection::vec(prop_oneof![run, mixed, full], 0..20).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn what_is_written_comes_back(rows in rows(), piece in 1..500_usize) {
        assert_comes_back(&rows, piece);
    }

    #[test]
    fn how_rows_are_cut_into_arrays_does_not_change_a_byte(rows in rows(), piece in 1..500_usize) {
        prop_assert!(file(&rows, piece).unwrap() == file(&rows, rows.len().max(1)).unwrap());
    }
}

#[test]
fn rows_of_several_pages_come_back() {
    let rows: Vec<Option<u8>> = (0..70_000)
        .map(|row: u32| (!row.is_multiple_of(7) || row > 45_000).then_some((row / 3) as u8))
        .collect();
    assert_comes_back(&rows, 9_999);
    let full: Vec<Option<u8>> = (0..50_000).map(|row: u32| Some((row / 300) as u8)).collect();
    assert_comes_back(&full, 50_000);
}

#[test]
fn a_chunk_tells_of_no_value_that_no_row_has() {
    let bytes = file(&[Some(7), Some(3), Some(7)], 3).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"text 9"));
    let reader = SerializedFileReader::new(bytes).unwrap();
    let column = reader.metadata().row_group(0).column(0);
    let statistics = column.statistics().unwrap();
    assert_eq!(statistics.min_bytes_opt(), Some(&b"text 3"[..]));
    assert_eq!(statistics.max_bytes_opt(), Some(&b"text 7"[..]));
}

#[test]
fn the_least_and_greatest_of_long_texts_do_not_stand_in_the_footer() {
    let schema =
        Arc::new(parse_message_type("message m { required binary text (STRING); }").unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let mut chunk = DictionaryChunk::new(file.schema_descr().column(0));
    let texts: ArrayRef =
        Arc::new(StringArray::from(vec!["short".to_owned(), "long ".repeat(1000)]));
    chunk.write(&texts).unwrap();
    let mut group = file.next_row_group().unwrap();
    chunk.close().unwrap().append_to_row_group(&mut group).unwrap();
    group.close().unwrap();
    let reader = SerializedFileReader::new(Bytes::from(file.into_inner().unwrap())).unwrap();
    let statistics = reader.metadata().row_group(0).column(0).statistics().unwrap();
    assert_eq!((statistics.min_bytes_opt(), statistics.max_bytes_opt()), (None, None));
    assert_eq!(statistics.null_count_opt(), Some(0));
}

#[test]
fn a_row_without_a_value_where_all_must_have_one_is_refused() {
    let schema = Arc::new(parse_message_type("message m { required int32 number; }").unwrap());
    let file = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let mut chunk = DictionaryChunk::new(file.schema_descr().column(0));
    let refused = chunk.write(&numbers(&[Some(1), None])).unwrap_err();
    assert!(refused.to_string().contains("found rows without a value"), "{refused}");
}

#[test]
fn arrays_that_are_no_dictionary_are_refused() {
    let plain: ArrayRef = Arc::new(Int32Array::from(vec![1, 2]));
    assert!(!DictionaryChunk::takes(plain.data_type()));
    assert!(DictionaryChunk::takes(numbers(&[Some(1)]).data_type()));
    assert!(texts(&[Some(1)]).as_dictionary_opt::<Int16Type>().is_some());
    let schema = Arc::new(parse_message_type("message m { required int32 number; }").unwrap());
    let file = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    assert!(DictionaryChunk::new(file.schema_descr().column(0)).write(&plain).is_err());
}

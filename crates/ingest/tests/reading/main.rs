//! What a producer wrote is what ingest reads.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
#![allow(
    clippy::assigning_clones,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::struct_excessive_bools,
    clippy::too_many_lines,
    reason = "small inputs, written to be read"
)]

mod annotate;
mod batches;
mod binary;
mod circles;
mod csv;
mod dialects;
mod errors;
mod exports;
mod header;
mod identifiers;
mod line_ends;
mod look;
mod look_kinds;
mod look_options;
mod look_producers;
mod open_document;
mod pieces;
mod record_ids;
mod rows_in_quotes;
mod second_reader;
mod secrets;
mod steady_file;
mod support;
mod torture;
mod unread_sheets;
mod workbook;
mod workbook_cells;
mod workbook_forms;
mod workbook_made;

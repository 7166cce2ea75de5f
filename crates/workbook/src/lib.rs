//! Workbooks and delimited text: from bytes to sheets to rows whose cells have addresses. Knows nothing of what the cells mean.

mod address;
mod ahead;
mod archive;
mod book;
mod error;
mod iso;
mod limits;
mod number;
mod number_format;
mod ods;
pub mod package;
mod row;
mod serial;
mod shared_strings;
mod sheet;
mod sheets;
pub mod text;
mod value;
mod xls;
mod xlsb;
mod xlsx;
pub mod xml;

pub use address::{Address, Area};
pub use archive::{Open, ReadSeek, check_archive};
pub use book::Workbook;
pub use error::Error;
pub use limits::Limits;
pub use row::{Kind, Oddity, Row, Rows};
pub use sheet::Sheet;
pub use sheets::{Format, SheetInfo, SheetKind, Visibility, is_workbook};

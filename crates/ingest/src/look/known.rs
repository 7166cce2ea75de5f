//! What an unknown file is compared with.

use config::ExportProfile;
use survey::codebook::Codebook;

/// What the file may be compared with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    pub profiles: &'a [&'a ExportProfile],
    pub codebook: Option<&'a Codebook>,
    /// Whether a workbook is read by calamine too, which loads the whole sheet into memory.
    pub read_twice: bool,
}

//! What the explorer reads: one column-wise shard an indicator, and the dimensions.

use crate::Error;
use crate::release::Release;
use crate::site::Folder;
use crate::words::Words;

pub fn write(_release: &Release, _tables: &[Words], _folder: &mut Folder) -> Result<(), Error> {
    Ok(())
}

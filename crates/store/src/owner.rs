//! Who holds a lock.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who holds the lock and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub pid: u32,
    pub since: Timestamp,
}

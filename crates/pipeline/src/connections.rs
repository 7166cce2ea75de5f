//! Connections to a store and marts that lie elsewhere.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use store::remote::{Remote, Trouble, Version};

use crate::error::Error;
use crate::pointer::Pointer;

/// Opens an address.
pub type Connect = dyn Fn(&str) -> Result<Arc<dyn Remote>, Trouble> + Send + Sync;

/// Made when somebody needs them.
pub(crate) struct Connections {
    connect: Box<Connect>,
    store: OnceLock<Arc<dyn Remote>>,
    marts: OnceLock<Arc<dyn Remote>>,
    seen: Mutex<Option<Seen>>,
}

/// The pointer of marts elsewhere when this machine's copy was brought up to date.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub pointer: Pointer,
    pub version: Version,
}

impl Connections {
    pub fn by(connect: Box<Connect>) -> Self {
        Self { connect, store: OnceLock::new(), marts: OnceLock::new(), seen: Mutex::default() }
    }

    /// To the store at its address, where it has one.
    pub fn store(&self, address: Option<&String>) -> Result<Option<Arc<dyn Remote>>, Error> {
        self.to(address, &self.store)
    }

    /// To the marts at their address, where they have one.
    pub fn marts(&self, address: Option<&String>) -> Result<Option<Arc<dyn Remote>>, Error> {
        self.to(address, &self.marts)
    }

    /// What was seen last; none where there was no pointer yet.
    pub fn seen(&self) -> MutexGuard<'_, Option<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn to(
        &self,
        address: Option<&String>,
        known: &OnceLock<Arc<dyn Remote>>,
    ) -> Result<Option<Arc<dyn Remote>>, Error> {
        let Some(address) = address else { return Ok(None) };
        if let Some(remote) = known.get() {
            return Ok(Some(remote.clone()));
        }
        let remote = (self.connect)(address)?;
        Ok(Some(known.get_or_init(|| remote).clone()))
    }
}

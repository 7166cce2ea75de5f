//! Object stores as `store::remote` wants them: the only crate that opens a connection, and only when it is asked for (`connect`).

mod address;
#[cfg(feature = "connect")]
mod answer;
#[cfg(feature = "connect")]
mod client;
#[cfg(feature = "connect")]
mod services;

use std::sync::Arc;

use store::remote::{Remote, Trouble};

/// The store at an address; `variables` are those of the environment. Nothing is asked of it yet.
#[cfg(feature = "connect")]
pub fn open(address: &str, variables: &[(String, String)]) -> Result<Arc<dyn Remote>, Trouble> {
    let parsed = address::Address::parse(address)?;
    let client = client::Client::new(address, services::open(&parsed, variables)?, &parsed.prefix)?;
    Ok(Arc::new(client))
}

/// As the program is built here, no store can be reached.
#[cfg(not(feature = "connect"))]
pub fn open(address: &str, _: &[(String, String)]) -> Result<Arc<dyn Remote>, Trouble> {
    let parsed = address::Address::parse(address)?;
    let found = format!("the address of an object store ({:?})", parsed.service);
    Err(Trouble::new(store::remote::TroubleKind::NotBuilt, address, found))
}

//! The operations on an object store: what is worth another try is tried again, and an answer that was lost is looked up.

use std::fmt;
use std::fs::File;
use std::future::Future;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use object_store::path::Path as Name;
use object_store::{
    Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutMode, PutPayload, UpdateVersion,
};
use store::remote::{Held, Remote, Trouble, TroubleKind, Version};
use tokio::runtime::{Builder, Runtime};

use crate::answer::{self, Meaning};

/// Times that a request is sent before the store counts as out of reach.
const TRIES: u32 = 8;
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Read and written at once: one request, within its time limit also over a slow line.
const PIECE: u64 = 8 << 20;

/// A connection to one store.
pub struct Client {
    address: String,
    prefix: String,
    store: Arc<dyn ObjectStore>,
    runtime: Runtime,
}

impl fmt::Debug for Client {
    /// Without what holds credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Client {
    /// The store behind an address.
    pub fn new(address: &str, store: Arc<dyn ObjectStore>, prefix: &str) -> Result<Self, Trouble> {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|error| {
            Trouble::new(TroubleKind::Disk, address, format!("no threads for requests: {error}"))
        })?;
        let (address, prefix) = (address.to_owned(), prefix.to_owned());
        Ok(Self { address, prefix, store, runtime })
    }

    fn name(&self, name: &str) -> Name {
        Name::from(format!("{}/{name}", self.prefix).as_str())
    }

    fn trouble(&self, name: &str, error: &Error) -> Trouble {
        answer::trouble(error, &store::remote::shown(self, name))
    }

    /// Sends a request until it is answered for good.
    fn tried<T, F>(&self, request: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut wait = FIRST_WAIT;
        for _ in 1..TRIES {
            match self.runtime.block_on(request()) {
                Err(error) if answer::meaning(&error) == Meaning::Transient => {}
                ended => return ended,
            }
            std::thread::sleep(wait);
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        self.runtime.block_on(request())
    }

    /// Writes on a condition. Where it was not met, or nobody knows, the bytes that stand there now decide: ours may have
    /// arrived though their answer did not.
    fn conditional(&self, name: &str, bytes: &[u8], mode: &PutMode) -> Result<bool, Trouble> {
        let at = self.name(name);
        let mut wait = FIRST_WAIT;
        for attempt in 1..=TRIES {
            let payload = PutPayload::from(bytes.to_vec());
            let put = self.store.put_opts(&at, payload, mode.clone().into());
            let Err(error) = self.runtime.block_on(put) else { return Ok(true) };
            let meaning = answer::meaning(&error);
            if let Meaning::Final(_) = meaning {
                return Err(self.trouble(name, &error));
            }
            let held = self.read(name)?;
            if held.as_ref().is_some_and(|held| held.bytes == bytes) {
                return Ok(true);
            }
            // Two that create at once may both be told to try again.
            let is_lost = match mode {
                PutMode::Update(seen) => held.is_none_or(|held| update(&held.version) != *seen),
                _ => held.is_some(),
            };
            if is_lost {
                return Ok(false);
            }
            if attempt == TRIES {
                return Err(self.trouble(name, &error));
            }
            std::thread::sleep(wait);
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        Ok(false)
    }

    /// How many bytes are under a name.
    fn size(&self, name: &str) -> Result<Option<u64>, Trouble> {
        let at = self.name(name);
        match self.tried(|| self.store.head(&at)) {
            Ok(about) => Ok(Some(about.size)),
            Err(error) if answer::meaning(&error) == Meaning::Absent => Ok(None),
            Err(error) => Err(self.trouble(name, &error)),
        }
    }

    fn overwrite(&self, name: &str, bytes: Vec<u8>) -> Result<(), Trouble> {
        let (at, payload) = (self.name(name), PutPayload::from(bytes));
        let put = self.tried(|| self.store.put(&at, payload.clone()));
        put.map(drop).map_err(|error| self.trouble(name, &error))
    }

    /// Piece by piece: nothing is under the name before the last one.
    fn upload(&self, name: &str, file: &mut File, place: &std::path::Path) -> Result<(), Trouble> {
        let at = self.name(name);
        let failed = |error: Error| self.trouble(name, &error);
        let mut upload = self.tried(|| self.store.put_multipart(&at)).map_err(failed)?;
        loop {
            let mut piece = Vec::new();
            let read = Read::by_ref(file).take(PIECE).read_to_end(&mut piece);
            read.map_err(|error| Trouble::disk(place, &error))?;
            if piece.is_empty() {
                break;
            }
            let part = upload.put_part(piece.into());
            if let Err(error) = self.runtime.block_on(part) {
                let _ = self.runtime.block_on(upload.abort());
                return Err(failed(error));
            }
        }
        self.runtime.block_on(upload.complete()).map(drop).map_err(failed)
    }
}

impl Remote for Client {
    fn address(&self) -> &str {
        &self.address
    }

    fn read(&self, name: &str) -> Result<Option<Held>, Trouble> {
        let at = self.name(name);
        let read = || async {
            let got = self.store.get(&at).await?;
            let version =
                Version { e_tag: got.meta.e_tag.clone(), generation: got.meta.version.clone() };
            Ok(Held { bytes: got.bytes().await?.to_vec(), version })
        };
        match self.tried(read) {
            Ok(held) => Ok(Some(held)),
            Err(error) if answer::meaning(&error) == Meaning::Absent => Ok(None),
            Err(error) => Err(self.trouble(name, &error)),
        }
    }

    fn fetch(&self, name: &str, to: &mut dyn Write) -> Result<bool, Trouble> {
        let at = self.name(name);
        let mut from = 0;
        loop {
            let range = GetRange::Bounded(from..from + PIECE);
            let options = GetOptions { range: Some(range), ..GetOptions::default() };
            let read = || async {
                let got = self.store.get_opts(&at, options.clone()).await?;
                let size = got.meta.size;
                Ok((got.bytes().await?, size))
            };
            let (piece, size) = match self.tried(read) {
                Ok(read) => read,
                Err(error) if answer::meaning(&error) == Meaning::Absent => return Ok(false),
                Err(error) => return Err(self.trouble(name, &error)),
            };
            to.write_all(&piece)
                .map_err(|error| Trouble::disk(std::path::Path::new("the cache"), &error))?;
            from += piece.len() as u64;
            if from >= size || piece.is_empty() {
                return Ok(true);
            }
        }
    }

    fn put(&self, name: &str, file: &std::path::Path, replace: bool) -> Result<(), Trouble> {
        let disk = |error: std::io::Error| Trouble::disk(file, &error);
        let mut opened = File::open(file).map_err(disk)?;
        let size = opened.metadata().map_err(disk)?.len();
        if size > PIECE {
            if !replace && self.size(name)? == Some(size) {
                return Ok(());
            }
            return self.upload(name, &mut opened, file);
        }
        let mut bytes = Vec::new();
        opened.read_to_end(&mut bytes).map_err(disk)?;
        if replace {
            return self.overwrite(name, bytes);
        }
        // What is there under this name holds these bytes, unless it is damaged.
        if self.conditional(name, &bytes, &PutMode::Create)? {
            return Ok(());
        }
        self.overwrite(name, bytes)
    }

    fn create(&self, name: &str, bytes: &[u8]) -> Result<bool, Trouble> {
        self.conditional(name, bytes, &PutMode::Create)
    }

    fn swap(&self, name: &str, bytes: &[u8], seen: &Version) -> Result<bool, Trouble> {
        self.conditional(name, bytes, &PutMode::Update(update(seen)))
    }

    fn remove(&self, name: &str) -> Result<(), Trouble> {
        let at = self.name(name);
        match self.tried(|| self.store.delete(&at)) {
            Err(error) if answer::meaning(&error) != Meaning::Absent => {
                Err(self.trouble(name, &error))
            }
            _ => Ok(()),
        }
    }
}

fn update(version: &Version) -> UpdateVersion {
    UpdateVersion { e_tag: version.e_tag.clone(), version: version.generation.clone() }
}

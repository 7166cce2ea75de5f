//! A compound file (an old xls, an encrypted xlsx): its streams, out of chains of sectors that may go in a circle ([MS-CFB]).

use std::io::Read;

use super::bytes::push_units;
use crate::error::Error;

const END: u32 = 0xffff_fffe;
/// From here on a number is no sector, and no entry.
const LARGEST_SECTOR: u32 = 0xffff_fffa;
const ENTRY_BYTES: usize = 128;
const SMALL_SECTOR_BYTES: usize = 64;
/// Sectors of the allocation table that are listed in the header.
const LISTED: usize = 109;
const STREAM: u8 = 2;

#[derive(Debug)]
pub(crate) struct Compound {
    bytes: Vec<u8>,
    sector_bytes: usize,
    /// The sector that follows each sector.
    next: Vec<u32>,
    entries: Vec<Entry>,
}

/// A stream or folder.
#[derive(Debug)]
struct Entry {
    name: String,
    kind: u8,
    first: u32,
    bytes: u32,
    /// Entries before, behind and inside it.
    near: [u32; 3],
}

/// Reads the file whole; says what is wrong with it.
pub(crate) fn open(reader: impl Read, limit: u64) -> Result<Compound, Error> {
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes).map_err(Error::Unread)?;
    if bytes.len() as u64 > limit {
        return Err(Error::limit("bytes of an xls", limit + 1, limit));
    }
    let mut file =
        Compound::new(bytes).ok_or_else(|| Error::damaged("its header is not that of an xls"))?;
    file.read_directory().ok_or_else(unordered)?;
    Ok(file)
}

fn unordered() -> String {
    "its sectors do not follow one another".to_owned()
}

impl Compound {
    fn new(bytes: Vec<u8>) -> Option<Self> {
        let sector_bytes = match number(&bytes, 30, 2)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        let mut file = Self { bytes, sector_bytes, next: Vec::new(), entries: Vec::new() };
        let mut tables: Vec<u32> =
            (0..LISTED).map(|at| number(&file.bytes, 76 + 4 * at, 4)).collect::<Option<_>>()?;
        let mut more = number(&file.bytes, 68, 4)?;
        let mut steps = 0;
        while more < LARGEST_SECTOR {
            steps += 1;
            let mut listed = numbers(file.sector(more)?);
            more = listed.pop()?;
            tables.extend(listed);
            if steps > file.bytes.len() / sector_bytes {
                return None;
            }
        }
        for table in tables.into_iter().filter(|table| *table < LARGEST_SECTOR) {
            let following = numbers(file.sector(table)?);
            file.next.extend(following);
            // An entry is a sector of the file; the last tables may go beyond it.
            if file.next.len() > file.bytes.len() / SMALL_SECTOR_BYTES + sector_bytes {
                return None;
            }
        }
        Some(file)
    }

    fn read_directory(&mut self) -> Option<()> {
        for sector in self.chain(number(&self.bytes, 48, 4)?)? {
            let entries: Vec<Entry> =
                self.sector(sector)?.chunks_exact(ENTRY_BYTES).filter_map(Entry::new).collect();
            self.entries.extend(entries);
        }
        Some(())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// The bytes of a stream; none where there is no such stream.
    pub(super) fn stream(&self, name: &str) -> Option<Result<Vec<u8>, String>> {
        let entry = self.entry(name)?;
        let bytes = if self.is_small(entry) { self.small(entry) } else { self.large(entry) };
        Some(bytes.ok_or_else(unordered))
    }

    fn is_small(&self, entry: &Entry) -> bool {
        number(&self.bytes, 56, 4).is_some_and(|smallest| entry.bytes < smallest)
    }

    /// A stream of the file itself: those in its folders belong to other files that are embedded.
    fn entry(&self, name: &str) -> Option<&Entry> {
        let is_wanted =
            |entry: &&Entry| entry.kind == STREAM && entry.name.eq_ignore_ascii_case(name);
        let mut places = vec![self.entries.first()?.near[2]];
        // Each entry is looked at once, or the folder goes in a circle.
        for _ in 0..self.entries.len() * 3 {
            let Some(place) = places.pop() else { break };
            let Some(entry) = self.entries.get(place as usize) else { continue };
            if is_wanted(&entry) {
                return Some(entry);
            }
            places.extend(
                [entry.near[1], entry.near[0]].iter().filter(|near| **near < LARGEST_SECTOR),
            );
        }
        // Some writers leave the order of a folder undone.
        self.entries.iter().find(is_wanted)
    }

    fn large(&self, entry: &Entry) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        for sector in self.chain(entry.first)? {
            bytes.extend_from_slice(self.sector(sector)?);
        }
        bytes.truncate(entry.bytes as usize);
        Some(bytes)
    }

    fn small(&self, entry: &Entry) -> Option<Vec<u8>> {
        let sectors = self.large(self.entries.first()?)?;
        let mut following = Vec::new();
        for sector in self.chain(number(&self.bytes, 60, 4)?)? {
            following.extend(numbers(self.sector(sector)?));
        }
        let (mut bytes, mut sector) = (Vec::new(), entry.first);
        for _ in 0..=following.len() {
            if sector >= LARGEST_SECTOR || bytes.len() >= entry.bytes as usize {
                bytes.truncate(entry.bytes as usize);
                return Some(bytes);
            }
            let start = (sector as usize).checked_mul(SMALL_SECTOR_BYTES)?;
            let rest = sectors.get(start..)?;
            bytes.extend_from_slice(&rest[..rest.len().min(SMALL_SECTOR_BYTES)]);
            // A stream that is longer than all of them goes in a circle.
            if bytes.len() > sectors.len() {
                return None;
            }
            sector = *following.get(sector as usize)?;
        }
        None
    }

    fn chain(&self, first: u32) -> Option<Vec<u32>> {
        let (mut chain, mut sector) = (Vec::new(), first);
        while sector != END {
            self.sector(sector)?;
            chain.push(sector);
            if chain.len() > self.next.len() {
                return None;
            }
            sector = *self.next.get(sector as usize)?;
        }
        Some(chain)
    }

    /// The last one may be cut short.
    fn sector(&self, sector: u32) -> Option<&[u8]> {
        let start = (sector as usize).checked_add(1)?.checked_mul(self.sector_bytes)?;
        let rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
        Some(&rest[..rest.len().min(self.sector_bytes)])
    }
}

impl Entry {
    fn new(bytes: &[u8]) -> Option<Self> {
        let length = (number(bytes, 64, 2)? as usize).saturating_sub(2).min(64);
        let (units, _) = bytes[..length].as_chunks::<2>();
        let mut name = Vec::new();
        push_units(units.iter().map(|unit| u16::from_le_bytes(*unit)), &mut name);
        Some(Self {
            name: String::from_utf8(name).ok()?,
            kind: *bytes.get(66)?,
            first: number(bytes, 116, 4)?,
            bytes: number(bytes, 120, 4)?,
            near: [number(bytes, 68, 4)?, number(bytes, 72, 4)?, number(bytes, 76, 4)?],
        })
    }
}

fn numbers(sector: &[u8]) -> Vec<u32> {
    let (words, _) = sector.as_chunks::<4>();
    words.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

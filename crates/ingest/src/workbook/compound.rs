//! Whether the chains of sectors in a compound file (an old xls, an encrypted xlsx) end: a library that follows one in a circle never does.

use std::io::{Read, Seek, SeekFrom};

const END: u32 = 0xffff_fffe;
/// From here on a number is no sector.
const LARGEST_SECTOR: u32 = 0xffff_fffa;
const ENTRY_BYTES: usize = 128;
/// Sectors of the allocation table that are listed in the header.
const LISTED: usize = 109;

/// Says what is wrong with it.
pub(super) fn check(reader: &mut (impl Read + Seek + ?Sized), limit: u64) -> Result<(), String> {
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    reader.seek(SeekFrom::Start(0)).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit {
        return Err(format!("more than {limit} bytes in an old format"));
    }
    let file = Compound::new(&bytes).ok_or("its header is none of an old workbook")?;
    file.check().ok_or_else(|| "its sectors do not follow one another".to_owned())
}

struct Compound<'a> {
    bytes: &'a [u8],
    sector_bytes: usize,
    /// The sector that follows each sector.
    next: Vec<u32>,
}

impl<'a> Compound<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let sector_bytes = match number(bytes, 30, 2)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        let mut file = Self { bytes, sector_bytes, next: Vec::new() };
        let mut tables: Vec<u32> =
            (0..LISTED).map(|at| number(bytes, 76 + 4 * at, 4)).collect::<Option<_>>()?;
        let mut more = number(bytes, 68, 4)?;
        let mut steps = 0;
        while more < LARGEST_SECTOR {
            steps += 1;
            let mut listed = file.numbers(more)?;
            more = listed.pop()?;
            tables.extend(listed);
            if steps > bytes.len() / sector_bytes {
                return None;
            }
        }
        for table in tables.into_iter().filter(|table| *table < LARGEST_SECTOR) {
            let numbers = file.numbers(table)?;
            file.next.extend(numbers);
        }
        Some(file)
    }

    /// Every chain ends: that of the directory, and those of all that it lists.
    fn check(&self) -> Option<()> {
        let directory = self.chain(number(self.bytes, 48, 4)?)?;
        self.chain_or_none(number(self.bytes, 60, 4)?)?;
        let smallest = number(self.bytes, 56, 4)?;
        for (sector, place) in directory.iter().zip(0..) {
            for (entry, at) in self.sector(*sector)?.chunks_exact(ENTRY_BYTES).zip(0..) {
                let is_root = place == 0 && at == 0;
                // Small streams stand in the root's own chain.
                if is_root || entry[66] == 2 && number(entry, 120, 4)? >= smallest {
                    self.chain_or_none(number(entry, 116, 4)?)?;
                }
            }
        }
        Some(())
    }

    fn chain_or_none(&self, first: u32) -> Option<()> {
        if first < LARGEST_SECTOR { self.chain(first).map(drop) } else { Some(()) }
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
    fn sector(&self, sector: u32) -> Option<&'a [u8]> {
        let start = (sector as usize).checked_add(1)?.checked_mul(self.sector_bytes)?;
        let rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
        Some(&rest[..rest.len().min(self.sector_bytes)])
    }

    fn numbers(&self, sector: u32) -> Option<Vec<u32>> {
        let (words, _) = self.sector(sector)?.as_chunks::<4>();
        Some(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

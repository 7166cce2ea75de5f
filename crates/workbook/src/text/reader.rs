//! Bytes to UTF-8; a byte that does not fit is an error with its line.

use std::io::Read;

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::encoding::{Charset, Decision, Failure, Misfit};
use super::signs::count;

/// Gives the file's text as UTF-8; UTF-8 itself is passed on unchecked, for its readers to check side by side.
pub struct TextReader {
    inner: Box<dyn Read + Send>,
    charset: Charset,
    decoder: Option<Decoder>,
    skip: usize,
    raw: Vec<u8>,
    ends: LineEnds,
    evidence: Evidence,
}

impl TextReader {
    pub fn new(inner: Box<dyn Read + Send>, decision: &Decision) -> Self {
        let encoding = match decision.charset {
            Charset::Utf8 => None,
            Charset::Utf16Le => Some(UTF_16LE),
            Charset::Utf16Be => Some(UTF_16BE),
            Charset::Windows1252 | Charset::Latin1 => Some(WINDOWS_1252),
        };
        Self {
            inner,
            charset: decision.charset,
            decoder: encoding.map(encoding_rs::Encoding::new_decoder_without_bom_handling),
            skip: decision.mark,
            raw: Vec::new(),
            ends: LineEnds::default(),
            evidence: Evidence::default(),
        }
    }

    /// Puts about `want` more bytes of text at the end of `text`; false at the end of the file.
    pub fn fill(&mut self, text: &mut Vec<u8>, want: usize) -> Result<bool, Failure> {
        if self.skip > 0 {
            let mut mark = vec![0; self.skip];
            self.inner.read_exact(&mut mark).map_err(Failure::Io)?;
            self.skip = 0;
        }
        if self.decoder.is_none() {
            let read = read_up_to(&mut self.inner, text, want).map_err(Failure::Io)?;
            return Ok(read == want);
        }
        self.raw.clear();
        let read = read_up_to(&mut self.inner, &mut self.raw, want).map_err(Failure::Io)?;
        let last = read < want;
        self.check_single_bytes(last).map_err(Failure::Misfit)?;
        self.decode(text, last).map_err(Failure::Misfit)?;
        Ok(!last)
    }

    fn decode(&mut self, text: &mut Vec<u8>, last: bool) -> Result<(), Misfit> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        let from = text.len();
        let mut read = 0;
        loop {
            let filled = text.len();
            let room = decoder
                .max_utf8_buffer_length_without_replacement(self.raw.len() - read)
                .unwrap_or(1 << 16)
                .max(16);
            text.resize(filled + room, 0);
            let (result, used, written) = decoder.decode_to_utf8_without_replacement(
                &self.raw[read..],
                &mut text[filled..],
                last,
            );
            read += used;
            text.truncate(filled + written);
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    let line = self.ends.and(&text[from..]).line();
                    let found = format!("bytes that are not {}", self.charset.name());
                    return Err(Misfit {
                        line,
                        found,
                        advice: "the file is damaged or its encoding another; ask for UTF-8"
                            .to_owned(),
                    });
                }
            }
        }
        self.ends = self.ends.and(&text[from..]);
        Ok(())
    }

    /// Bytes that Windows-1252 or Latin-1 leaves open, and text that is plainly UTF-8.
    fn check_single_bytes(&mut self, last: bool) -> Result<(), Misfit> {
        let unused: fn(&u8) -> bool = match self.charset {
            Charset::Windows1252 => |byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d),
            Charset::Latin1 => |byte| matches!(byte, 0x80..=0x9f),
            _ => return Ok(()),
        };
        // No further than the first such byte: what is said does not depend on how the text is cut.
        let unused = self.raw.iter().position(unused);
        let looked_at = &self.raw[..unused.map_or(self.raw.len(), |at| at + 1)];
        let utf8 = self.evidence.of_utf8(looked_at, last && unused.is_none(), self.ends);
        if let Some(line) = utf8.filter(|_| last || unused.is_some()) {
            let advice = "declare encoding `utf-8` or `detect`".to_owned();
            return Err(Misfit { line, found: "UTF-8".to_owned(), advice });
        }
        if let Some(at) = unused {
            let found =
                format!("byte 0x{:02x}, which {} does not have", self.raw[at], self.charset.name());
            let advice = match self.charset {
                Charset::Latin1 => "declare encoding `windows-1252`",
                _ => "declare encoding `utf-8` or `detect`, or ask for UTF-8",
            };
            let line = self.ends.and(&self.raw[..at]).line();
            return Err(Misfit { line, found, advice: advice.to_owned() });
        }
        Ok(())
    }
}

/// Puts `want` bytes at the end of `bytes`, or all there are; large reads, so that hashing them is fast.
fn read_up_to(reader: &mut dyn Read, bytes: &mut Vec<u8>, want: usize) -> std::io::Result<usize> {
    let start = bytes.len();
    bytes.resize(start + want, 0);
    let mut read = 0;
    while read < want {
        match reader.read(&mut bytes[start + read..]) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(start + read);
    Ok(read)
}

/// Whether all bytes beyond ASCII so far make valid UTF-8: by chance they hardly ever do.
#[derive(Default)]
struct Evidence {
    refuted: bool,
    first_line: Option<u64>,
    rest: Vec<u8>,
}

impl Evidence {
    /// Line of the first character beyond ASCII, where all so far is valid UTF-8.
    fn of_utf8(&mut self, raw: &[u8], last: bool, before: LineEnds) -> Option<u64> {
        if self.refuted {
            return None;
        }
        if let Some(at) = raw.iter().position(|byte| !byte.is_ascii())
            && self.first_line.is_none()
        {
            self.first_line = Some(before.and(&raw[..at]).line());
        }
        self.rest.extend_from_slice(raw);
        match std::str::from_utf8(&self.rest) {
            Ok(_) => self.rest.clear(),
            Err(error) if error.error_len().is_none() && !last => {
                drop(self.rest.drain(..error.valid_up_to()));
            }
            Err(_) => {
                self.refuted = true;
                self.rest = Vec::new();
            }
        }
        self.first_line.filter(|_| !self.refuted)
    }
}

/// Line ends of a text so far; carriage returns alone end the lines of old files, which have no other.
#[derive(Debug, Clone, Copy, Default)]
struct LineEnds {
    newlines: u64,
    carriage_returns: u64,
}

impl LineEnds {
    fn and(self, text: &[u8]) -> Self {
        Self {
            newlines: self.newlines + count(text, b'\n'),
            carriage_returns: self.carriage_returns + count(text, b'\r'),
        }
    }

    /// The line behind them, from 1.
    fn line(self) -> u64 {
        1 + if self.newlines > 0 { self.newlines } else { self.carriage_returns }
    }
}

//! Which encoding a text is read in, and why.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

/// What is said of a text's encoding before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// Nothing: UTF-8, UTF-16 or else Windows-1252.
    Unknown,
    Utf8,
    Utf16,
    Windows1252,
    Latin1,
}

/// How the bytes are read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub charset: Charset,
    pub reason: String,
    /// Bytes of the byte-order mark.
    pub mark: usize,
    /// Another charset may be tried when this one does not fit.
    pub open: bool,
}

/// An encoding that was decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1252,
    Latin1,
}

impl Charset {
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Windows1252 => "Windows-1252",
            Self::Latin1 => "Latin-1",
        }
    }
}

/// What does not fit, where.
#[derive(Debug, PartialEq, Eq)]
pub struct Misfit {
    /// From 1.
    pub line: u64,
    pub found: String,
    pub advice: String,
}

/// Why a text cannot be read on.
#[derive(Debug)]
pub enum Failure {
    Io(std::io::Error),
    Misfit(Misfit),
}

/// The charset by the profile and the file's first bytes.
pub fn decide(declared: Declared, start: &[u8]) -> Result<Decision, Misfit> {
    let mark = [
        (&b"\xef\xbb\xbf"[..], Charset::Utf8),
        (b"\xff\xfe", Charset::Utf16Le),
        (b"\xfe\xff", Charset::Utf16Be),
    ]
    .into_iter()
    .find(|(mark, _)| start.starts_with(mark));
    let fits = |charset| match declared {
        Declared::Unknown => true,
        Declared::Utf8 => charset == Charset::Utf8,
        Declared::Utf16 => matches!(charset, Charset::Utf16Le | Charset::Utf16Be),
        Declared::Windows1252 | Declared::Latin1 => false,
    };
    if let Some((mark, charset)) = mark {
        if !fits(charset) {
            return Err(Misfit {
                line: 1,
                found: format!("the byte-order mark of {}", charset.name()),
                advice: format!(
                    "declare encoding `{}` or `detect`",
                    if charset == Charset::Utf8 { "utf-8" } else { "utf-16" }
                ),
            });
        }
        return Ok(Decision {
            charset,
            reason: "byte-order mark".to_owned(),
            mark: mark.len(),
            open: false,
        });
    }
    let decision = |charset, reason: &str, open| Decision {
        charset,
        reason: reason.to_owned(),
        mark: 0,
        open,
    };
    let declared_reason = "declared";
    Ok(match declared {
        Declared::Utf8 => decision(Charset::Utf8, declared_reason, false),
        Declared::Utf16 => {
            decision(Charset::Utf16Le, "declared, little endian without a byte-order mark", false)
        }
        Declared::Windows1252 => decision(Charset::Windows1252, declared_reason, false),
        Declared::Latin1 => decision(Charset::Latin1, declared_reason, false),
        Declared::Unknown => match zero_bytes(start) {
            Some(charset) => decision(charset, "every other byte is zero", false),
            None => decision(Charset::Utf8, "the whole file is valid UTF-8", true),
        },
    })
}

/// What comes after UTF-8 did not fit in some line, with a guess over bytes of the file.
pub fn fall_back(sample: &[u8], which: &str, misfit: &Misfit) -> Decision {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = detector.guess(None, Utf8Detection::Deny).name();
    Decision {
        charset: Charset::Windows1252,
        reason: format!(
            "line {} is not UTF-8; a statistical guess over {which} says {guess}",
            misfit.line,
        ),
        mark: 0,
        open: false,
    }
}

fn zero_bytes(start: &[u8]) -> Option<Charset> {
    let pairs = start.len() / 2;
    if pairs < 4 {
        return None;
    }
    let zeros =
        |offset: usize| start.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    match (even * 2 > pairs, odd * 2 > pairs) {
        (false, true) => Some(Charset::Utf16Le),
        (true, false) => Some(Charset::Utf16Be),
        _ => None,
    }
}

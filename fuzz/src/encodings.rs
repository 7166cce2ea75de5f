//! What must hold of every encoding: a text is read as its bytes say, or the error names the line that does not fit.

use arrow::array::{Array, Int8Array, StringArray};
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use ingest::Error;
use config::ExportProfile;
use config::export::{Container, Encoding};
use survey::handoff::Treatment;
use survey::{Class, Raw, columns};

const MARKS: [(&str, &[u8]); 3] =
    [("UTF-8", b"\xef\xbb\xbf"), ("UTF-16LE", b"\xff\xfe"), ("UTF-16BE", b"\xfe\xff")];

/// A delimited text in some encoding, whole or broken somewhere, and how it is declared.
pub struct Case {
    pub profile: ExportProfile,
    pub batch: usize,
    pub file: Vec<u8>,
}

/// Settings out of the first six bytes, then the text.
pub fn settings(bytes: &[u8]) -> Option<Case> {
    let ([first, second, piece, high, low, byte], rest) = bytes.split_first_chunk()?;
    let mut profile = crate::profile(Container::Csv);
    profile.csv.delimiter = [',', ';', '\t', '|'][usize::from(first & 3)];
    profile.csv.encoding = match (first >> 2) % 5 {
        0 => Encoding::Detect,
        1 => Encoding::Utf8,
        2 => Encoding::Utf16,
        3 => Encoding::Windows1252,
        _ => Encoding::Latin1,
    };
    let mut text = String::new();
    if first & 0x80 == 0 {
        text = format!("id{}a\n", profile.csv.delimiter);
    }
    text.push_str(&String::from_utf8_lossy(rest));
    let mut file = encoded(&text, second & 7);
    if second & 8 != 0 {
        let mark = MARKS[usize::from(second >> 4) % 3].1;
        file.splice(0..0, mark.iter().copied());
    }
    let place = usize::from(u16::from_be_bytes([*high, *low])) % file.len().max(1);
    match second >> 6 {
        1 if !file.is_empty() => file[place] = *byte,
        2 if *byte == 0 => file.truncate(place),
        2 if !file.is_empty() => drop(file.remove(place)),
        3 => file.insert(place, *byte),
        _ => {}
    }
    // Those are no texts.
    let is_other = [&b"PK"[..], b"\x1f\x8b", b"\xd0\xcf"].iter().any(|sign| file.starts_with(sign));
    (!is_other).then_some(Case { profile, batch: 16 + usize::from(*piece) * 4, file })
}

fn encoded(text: &str, encoding: u8) -> Vec<u8> {
    match encoding {
        0 | 1 => text.as_bytes().to_vec(),
        2 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        3 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        4 | 5 => WINDOWS_1252.encode(text).0.into_owned(),
        _ => text.chars().map(|sign| u8::try_from(sign).unwrap_or(b'?')).collect(),
    }
}

/// The text by this encoding, or the line of the first byte that does not fit.
fn decoded(file: &[u8], encoding: &str) -> Result<String, u64> {
    let mark = MARKS.iter().find(|(name, mark)| *name == encoding && file.starts_with(mark));
    let bytes = &file[mark.map_or(0, |(_, mark)| mark.len())..];
    let single = |unused: fn(u8) -> bool| match bytes.iter().position(|byte| unused(*byte)) {
        Some(at) => Err(line_after(&String::from_utf8_lossy(&bytes[..at]))),
        None => Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()),
    };
    let utf16 = |reader: &'static encoding_rs::Encoding, unit: fn([u8; 2]) -> u16| {
        let text = reader.decode_without_bom_handling_and_without_replacement(bytes);
        text.map(std::borrow::Cow::into_owned).ok_or_else(|| {
            let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
            let fitting: String = char::decode_utf16(units).map_while(Result::ok).collect();
            line_after(&fitting)
        })
    };
    match encoding {
        "UTF-8" => std::str::from_utf8(bytes)
            .map(str::to_owned)
            .map_err(|error| line_after(&String::from_utf8_lossy(&bytes[..error.valid_up_to()]))),
        "UTF-16LE" => utf16(UTF_16LE, u16::from_le_bytes),
        "UTF-16BE" => utf16(UTF_16BE, u16::from_be_bytes),
        "Windows-1252" => single(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)),
        "Latin-1" => single(|byte| matches!(byte, 0x80..=0x9f)),
        other => panic!("an encoding called {other}"),
    }
}

fn line_after(text: &str) -> u64 {
    1 + text.matches('\n').count() as u64
}

/// Encodings that the profile leaves open, the likeliest first.
fn open(declared: Encoding) -> &'static [&'static str] {
    match declared {
        Encoding::Detect => &["UTF-8", "UTF-16LE", "UTF-16BE", "Windows-1252"],
        Encoding::Utf8 => &["UTF-8"],
        Encoding::Utf16 => &["UTF-16LE", "UTF-16BE"],
        Encoding::Windows1252 => &["Windows-1252"],
        Encoding::Latin1 => &["Latin-1"],
    }
}

pub fn check(case: &Case) {
    let Case { profile, batch, file } = case;
    let (whole, streamed) = crate::check("a.csv", file, profile, *batch);
    let declared = profile.csv.encoding;
    let marked = MARKS.iter().find(|(_, mark)| file.starts_with(mark)).map(|(name, _)| *name);
    match &whole {
        Ok(raw) => {
            let encoding = raw.about.encoding.as_deref().expect("an encoding");
            assert!(open(declared).contains(&encoding), "{encoding} for {declared:?}");
            assert!(
                marked.is_none_or(|marked| marked == encoding),
                "{encoding}, marked {marked:?}"
            );
            if !encoding.starts_with("UTF") {
                assert!(file.is_ascii() || std::str::from_utf8(file).is_err(), "this is UTF-8");
            }
            let text = decoded(file, encoding).expect("only what can be decoded is read");
            holds(raw, &text);
            let utf8 = as_utf8(&text, profile);
            if encoding != "UTF-8"
                && let Some(utf8) = utf8
            {
                same(raw, utf8.expect("the same text in UTF-8 can be read"));
            }
        }
        Err(Error::WrongEncoding { .. }) => {
            misfit(case, marked, &whole);
            misfit(case, marked, &streamed);
        }
        Err(error) => {
            let fitting = |name: &&&str| marked.is_none_or(|marked| marked == **name);
            let encoding = open(declared).iter().find(fitting);
            if let Some(encoding) = encoding
                && declared != Encoding::Detect
                && let Ok(text) = decoded(file, encoding)
                && let Some(utf8) = as_utf8(&text, profile)
            {
                let utf8 =
                    utf8.map(drop).expect_err("the same text in UTF-8 cannot be read").to_string();
                assert_eq!(error.to_string(), utf8);
            }
        }
    }
}

/// The error names the line of a byte that does not fit what the profile leaves open, or what was taken for another encoding.
fn misfit(case: &Case, marked: Option<&str>, result: &Result<Raw, Error>) {
    let Case { profile, file, .. } = case;
    let Err(Error::WrongEncoding { line, .. }) = result else { return };
    let declared = profile.csv.encoding;
    let mut lines: Vec<u64> =
        open(declared).iter().filter_map(|encoding| decoded(file, encoding).err()).collect();
    if marked.is_some_and(|marked| !open(declared).contains(&marked)) {
        lines.push(1);
    }
    // What is UTF-8 as far as the first byte that does not fit is called so, by the line of its first sign beyond ASCII.
    let unused: fn(u8) -> bool = match declared {
        Encoding::Windows1252 => |byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d),
        Encoding::Latin1 => |byte| matches!(byte, 0x80..=0x9f),
        _ => |_| false,
    };
    let unused = file.iter().position(|byte| unused(*byte));
    let is_utf8 = match std::str::from_utf8(&file[..unused.map_or(file.len(), |at| at + 1)]) {
        Ok(_) => true,
        Err(error) => unused.is_some() && error.error_len().is_none(),
    };
    if is_utf8 && let Some(at) = file.iter().position(|byte| !byte.is_ascii()) {
        lines.push(line_after(&String::from_utf8_lossy(&file[..at])));
    }
    assert!(!lines.is_empty(), "all bytes fit {declared:?}");
    // Among the first rows the line is that on which the record begins, and a quoted one may have more.
    let is_before = file.contains(&b'"') && lines.iter().any(|expected| line < expected);
    // Where carriage returns end lines, they are counted in one place and newlines in another.
    let is_uncounted = file.contains(&b'\r');
    let fits = lines.contains(line) || is_before || is_uncounted;
    assert!(fits, "line {line}, expected one of {lines:?}");
}

/// Every text stands in the file's text, and no replacement character that it does not hold.
fn holds(raw: &Raw, text: &str) {
    let unquoted = text.replace('"', "");
    for column in &raw.about.columns {
        assert!(text.contains('\u{fffd}') || !column.header.contains('\u{fffd}'));
        if column.treatment != Treatment::Kept {
            continue;
        }
        let array = |name: fn(u32) -> String| raw.table.column_by_name(&name(column.position));
        let texts =
            array(columns::text).and_then(|array| array.as_any().downcast_ref::<StringArray>());
        let classes =
            array(columns::class).and_then(|array| array.as_any().downcast_ref::<Int8Array>());
        let (texts, classes) = texts.zip(classes).expect("a text and a class");
        for (cell, class) in texts.iter().flatten().zip(classes.values()) {
            let stands = unquoted.contains(&cell.replace('"', ""));
            assert!(*class != Class::Text as i8 || stands, "{cell:?} is not in the file");
            assert!(text.contains('\u{fffd}') || !cell.contains('\u{fffd}'));
        }
    }
}

/// None where the text in UTF-8 is no text to ingest.
fn as_utf8(text: &str, profile: &ExportProfile) -> Option<Result<Raw, Error>> {
    let mut profile = profile.clone();
    profile.csv.encoding = Encoding::Utf8;
    let mut file = text.as_bytes().to_vec();
    if text.starts_with('\u{feff}') {
        file.splice(0..0, *b"\xef\xbb\xbf");
    }
    (!file.is_empty() && !file.starts_with(b"PK"))
        .then(|| crate::check("a.csv", &file, &profile, 64).0)
}

fn same(raw: &Raw, mut utf8: Raw) {
    assert_eq!(raw.table, utf8.table);
    let about = &mut utf8.about;
    about.encoding.clone_from(&raw.about.encoding);
    about.encoding_reason.clone_from(&raw.about.encoding_reason);
    about.blake3.clone_from(&raw.about.blake3);
    about.bytes = raw.about.bytes;
    assert_eq!(raw.about, utf8.about);
    let findings = raw.findings.iter().filter(|finding| finding.code != "encoding_fallback");
    assert!(findings.eq(&utf8.findings));
}

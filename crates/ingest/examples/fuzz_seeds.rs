//! Writes what the fuzz targets begin with, out of tests/torture: `fuzz_seeds TORTURE CORPUS`.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

/// Puts bytes under a target's name and their own.
type Put<'a> = &'a dyn Fn(&str, &str, &[u8]) -> std::io::Result<()>;

/// The settings of the tiny survey, each kind of file under its number.
fn settings(base: &Path, put: Put<'_>) -> std::io::Result<()> {
    let config = base.join("config");
    let tomls = [
        "config/monitor.toml",
        "config/panels/gp.toml",
        "config/rules/plausible.toml",
        "",
        "pipeline.toml",
    ];
    for (kind, name) in tomls.into_iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        put("toml", &kind.to_string(), &[&[kind as u8], &*fs::read(base.join(name))?].concat())?;
    }
    for (kind, name) in ["concepts", "answers", "items", "crosswalks"].into_iter().enumerate() {
        let table = fs::read(config.join(format!("codebook/{name}.csv")))?;
        put("codebook", name, &[&[kind as u8], &*table].concat())?;
    }
    for (kind, sql) in [
        (0, "a > 1 AND b IN ('yes', 'no') OR b IS NULL"),
        (0, "CASE WHEN a / 2 > 1 THEN upper(b) ELSE coalesce(b, 'no') END = 'NO'"),
        (1, "SELECT b, sum(a) AS s FROM t WHERE a > 0 GROUP BY b ORDER BY b"),
        (
            1,
            "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT n FROM r ORDER BY n",
        ),
    ] {
        put("sql", &sql.len().to_string(), &[&[kind], sql.as_bytes()].concat())?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(torture), Some(corpus)) = (arguments.next(), arguments.next()) else {
        return Err("usage: fuzz_seeds TORTURE CORPUS".into());
    };
    let put = |target: &str, name: &str, bytes: &[u8]| {
        let folder = Path::new(&corpus).join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("seed-{name}")), bytes)
    };
    let texts = [
        "id,a,b\r\n1,\"x\r\ny\",3\r\n\r\n2,\"zeg \"\"ja\"\"\",#N/A\r\nTotaal,,9\r\n",
        "sep=;\nid;naam;c\n1;Jan;3,5\n\n;;note\nBron: bureau\n",
        "\u{feff}id,,b\n1,5\" wide,01-02-2025\n2,x,y,far\n3\n",
        "title\n\nid|a\n1|€ é\r2|x\n",
    ];
    for (at, text) in texts.iter().enumerate() {
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let single: Vec<u8> = text.chars().map(|sign| u8::try_from(sign).unwrap_or(0x80)).collect();
        for (settings, bytes) in [(0xf0, text.as_bytes()), (0x11, &utf16), (0xf2, &single)] {
            for flags in [0, 0b1001, 0b1_0110] {
                let seed = [&[settings ^ at as u8, flags, 5], bytes].concat();
                put("csv", &format!("{at}-{settings:x}-{flags}"), &seed)?;
            }
        }
        // As declared or left open, in each encoding, with and without a mark; a byte of some replaced.
        for (declared, written) in [
            (0, 0),
            (1, 8),
            (2, 2),
            (2, 26),
            (2, 43),
            (3, 4),
            (4, 6),
            (3, 68),
            (4, 70),
            (0, 4),
            (0, 66),
        ] {
            let settings = [declared << 2 | at as u8, written, 9, 0, 20, 0x9d];
            let seed = [&settings[..], text.as_bytes()].concat();
            put("encodings", &format!("{at}-{declared}-{written}"), &seed)?;
        }
    }
    for entry in fs::read_dir(Path::new(&torture).join("files"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = fs::read(entry.path())?;
        put("workbook", &name, &[&[0], bytes.as_slice()].concat())?;
        put("bytes", &name, &bytes)?;
        let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { continue };
        let mut part = |name: &str| {
            let mut text = Vec::new();
            if let Ok(mut entry) = archive.by_name(name) {
                let _ = entry.read_to_end(&mut text);
            }
            text
        };
        let sheet = part("xl/worksheets/sheet1.xml");
        let from = sheet.windows(10).position(|window| window == b"<sheetData").unwrap_or(0);
        let seed = [&[0], &sheet[from..], &[0xff], &part("xl/sharedStrings.xml")].concat();
        put("sheet", &name, &seed)?;
    }
    settings(Path::new(&torture).with_file_name("base").as_path(), &put)?;
    Ok(())
}

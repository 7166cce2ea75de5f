//! What counts as another layout of a SQL text is one to the engine too.
#![allow(clippy::unwrap_used)] // a test may stop

use std::collections::BTreeMap;

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use survey::sql_text::bare;

/// The engine's tokens without white space and comments; none where it cannot read the text.
fn tokens(sql: &str) -> Option<Vec<Token>> {
    let tokens = Tokenizer::new(&GenericDialect {}, sql).with_unescape(false).tokenize().ok()?;
    Some(tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect())
}

/// All texts of three of these pieces, joined with and without a blank.
fn texts() -> impl Iterator<Item = String> {
    const PIECES: [&str; 27] = [
        "a", "1", "1e", "2.5", "'x'", "\"y\"", "-", "+", "*", "/", "<", ">", "=", "!", "%", "(",
        ")", ",", ".", ":", "@", "&", "U", "E", "-- c\n", "/* c */", "\r",
    ];
    let count = PIECES.len();
    (0..count.pow(3)).flat_map(move |number| {
        let pieces = [0, 1, 2].map(|place| PIECES[number / count.pow(place) % count]);
        ["", " "].map(|between| pieces.join(between))
    })
}

#[test]
fn texts_that_come_out_the_same_are_the_same_tokens() {
    let mut known: BTreeMap<String, (String, Option<Vec<Token>>)> = BTreeMap::new();
    let mut joined = 0_u64;
    for text in texts() {
        let found = tokens(&text);
        match known.get(&bare(&text)) {
            Some((other, tokens)) => {
                joined += 1;
                assert_eq!(*tokens, found, "`{other}` and `{text}`");
            }
            None => drop(known.insert(bare(&text), (text, found))),
        }
    }
    assert!(joined > 1_000, "{joined}");
}

#[test]
fn the_sql_of_the_monitor_says_the_same_without_its_layout() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/marts");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(tokens(&bare(&text)), tokens(&text), "{}", path.display());
            assert!(bare(&text).len() < text.len(), "{}", path.display());
            read += 1;
        }
    }
    assert!(read > 5, "{read}");
}

//! What the explorer reads: the dimensions in each language, and one column-wise shard an indicator.

use serde_json::{Value, json};

use crate::Error;
use crate::figure::draw::panel_colour;
use crate::release::Release;
use crate::release::fact::{Call, Estimate};
use crate::site::{Folder, slug};
use crate::view::View;
use crate::words::Words;

/// Vega-Lite and the explorer's own sources, bundled: explorer/build.mjs.
const BUNDLE: &[u8] = include_bytes!("../explorer/dist/explorer.js");
const LICENCES: &[u8] = include_bytes!("../explorer/dist/explorer.licences.txt");

const CALLS: [(Call, &str); 6] = [
    (Call::Increased, "▲"),
    (Call::Stable, "▬"),
    (Call::Decreased, "▼"),
    (Call::NotComparable, "≠"),
    (Call::Withheld, ""),
    (Call::NoTest, ""),
];

pub fn write(release: &Release, tables: &[Words], folder: &mut Folder) -> Result<(), Error> {
    folder.write("explorer.js", "explorer", BUNDLE)?;
    folder.write("explorer.licences.txt", "licences", LICENCES)?;
    for words in tables {
        let view = View { release, words };
        let script = format!("peil.index({});\n", safe(&index(view)));
        let path = format!("data/index.{}.js", slug(&words.language));
        folder.write(&path, "index of the explorer", script.as_bytes())?;
    }
    for (place, indicator) in release.dimensions.indicators.iter().enumerate() {
        let key = json!(indicator.key);
        let script = format!("peil.shard({},{});\n", safe(&key), safe(&shard(release, place)));
        let path = format!("data/{}.js", slug(&indicator.key));
        folder.write(&path, &format!("indicator {}", indicator.key), script.as_bytes())?;
    }
    Ok(())
}

/// JSON that a script may hold, wherever it is put.
fn safe(value: &Value) -> String {
    value
        .to_string()
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn index(view: View<'_>) -> Value {
    let of = &view.release.dimensions;
    let say = |key: &str| view.words.say(key).to_owned();
    json!({
        "indicators": of.indicators.iter().enumerate().map(|(place, one)| json!({
            "key": one.key, "file": format!("{}.js", slug(&one.key)), "label": view.indicator(place),
            "unit": one.unit, "decimals": one.decimals, "questions": questions(view, &one.concept, &one.key)
        })).collect::<Vec<_>>(),
        "panels": (0..of.panels.len()).map(|place| json!({
            "key": of.panels[place].key, "label": view.panel(place), "colour": panel_colour(view, place)
        })).collect::<Vec<_>>(),
        "levels": (0..of.levels.len()).map(|place| json!({
            "breakdown": of.levels[place].breakdown, "level": of.levels[place].level,
            "of": view.breakdown(place), "label": view.level(place)
        })).collect::<Vec<_>>(),
        "waves": of.waves.iter().map(|one| json!({ "wave": one.wave, "label": one.label })).collect::<Vec<_>>(),
        "statuses": of.statuses.iter().map(|one| json!({
            "label": view.text(&one.labels, &one.status), "shown": one.is_shown, "reason": one.reason
        })).collect::<Vec<_>>(),
        "calls": CALLS.map(|(call, sign)| json!({ "label": view.call(call), "sign": sign })),
        "words": {
            "found": say("explorer.found"), "shown": say("explorer.shown"), "nothing": say("explorer.nothing"),
            "failed": say("explorer.failed"), "table": say("explorer.table"), "difference": say("explorer.difference"),
            "panel": say("column.panel"), "level": say("column.level"), "wave": say("column.wave"),
            "value": say("column.value"), "interval": say("column.interval"), "remark": say("column.remark"),
            "change": say("column.difference"), "call": say("column.call"),
            "decimal": say("number.decimal"), "thousands": say("number.thousands")
        }
    })
}

/// All texts of a question, for the search.
fn questions(view: View<'_>, concept: &str, indicator: &str) -> String {
    let mut texts: Vec<&str> = Vec::new();
    for key in [concept, indicator] {
        let from = (key.to_owned(), 0, 0);
        let items = view.release.items.range(from..).take_while(|((of, _, _), _)| of == key);
        for text in items.flat_map(|(_, item)| item.questions.values()) {
            if !texts.contains(&text.as_str()) {
                texts.push(text);
            }
        }
    }
    texts.join(" ")
}

/// The figures of an indicator as columns; groups of unknown background have no figures and are left out.
fn shard(release: &Release, indicator: usize) -> Value {
    let is_group =
        |one: &&Estimate| release.dimensions.levels[one.key.level].level != "background_unknown";
    let rows: Vec<&Estimate> = release.of_indicator(indicator).iter().filter(is_group).collect();
    let mut segments = Vec::with_capacity(rows.len());
    for (place, one) in rows.iter().enumerate() {
        let same = place
            .checked_sub(1)
            .map(|before| rows[before].key)
            .filter(|before| (before.panel, before.level) == (one.key.panel, one.key.level));
        let before = same.and_then(|_| segments.last().copied()).unwrap_or(0);
        segments.push(one.segment.unwrap_or(before + i64::from(one.comparability == "break")));
    }
    let changes: Vec<_> = rows.iter().map(|one| release.change(one.key)).collect();
    let place = |call: Call| CALLS.iter().position(|(one, _)| *one == call);
    json!({
        "panel": rows.iter().map(|one| one.key.panel).collect::<Vec<_>>(),
        "level": rows.iter().map(|one| one.key.level).collect::<Vec<_>>(),
        "wave": rows.iter().map(|one| one.key.wave).collect::<Vec<_>>(),
        "status": rows.iter().map(|one| one.status).collect::<Vec<_>>(),
        "value": rows.iter().map(|one| short(one.value)).collect::<Vec<_>>(),
        "low": rows.iter().map(|one| short(one.low)).collect::<Vec<_>>(),
        "high": rows.iter().map(|one| short(one.high)).collect::<Vec<_>>(),
        "n": rows.iter().map(|one| short(one.n)).collect::<Vec<_>>(),
        "segment": segments,
        "change": changes.iter().map(|one| short(one.and_then(|one| one.difference))).collect::<Vec<_>>(),
        "call": changes.iter().map(|one| one.and_then(|one| place(one.call))).collect::<Vec<_>>()
    })
}

/// `41` rather than `41.0`.
fn short(value: Option<f64>) -> Value {
    match value {
        Some(value) if value.fract() == 0.0 => json!(value as i64),
        Some(value) => json!(value),
        None => Value::Null,
    }
}

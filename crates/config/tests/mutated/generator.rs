//! Settings with one thing wrong: a value replaced by an odd one, removed, doubled; the same number gives the same settings.

use std::fs;
use std::path::{Path, PathBuf};

use toml::Value;

/// Numbers that are the same for the same seed.
pub struct Chance(u64);

impl Chance {
    pub fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Texts that no setting expects.
const TEXTS: [&str; 22] = [
    "",
    " ",
    "NaN",
    "inf",
    "-1",
    "1e400",
    "99999999999999999999",
    "../../../escaped",
    "/etc/passwd",
    "con",
    "nul.csv",
    "weight",
    "@weight",
    "age__missing",
    "a b",
    "é",
    "\u{202e}x",
    "x\u{7}",
    "yes|no",
    "a*b",
    "\"",
    "'; DROP TABLE x; --",
];

fn odd_value(chance: &mut Chance) -> Value {
    match chance.below(14) {
        0 => Value::Float(f64::NAN),
        1 => Value::Float(f64::INFINITY),
        2 => Value::Float(f64::NEG_INFINITY),
        3 => Value::Integer(-1),
        4 => Value::Integer(0),
        5 => Value::Integer(i64::MAX),
        6 => Value::Integer(i64::MIN),
        7 => Value::Float(1e308),
        8 => Value::Float(-0.0),
        9 => Value::Boolean(true),
        10 => Value::Array(Vec::new()),
        11 => Value::Table(toml::Table::new()),
        12 => Value::Array(vec![Value::Integer(1), Value::String("x".to_owned())]),
        _ => Value::String((*chance.one(&TEXTS)).to_owned()),
    }
}

/// All TOML and CSV files below some folders and files.
pub fn files(of: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = of.to_vec();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|kind| kind == "toml" || kind == "csv") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// One file of them with one thing wrong.
pub fn mutated(files: &[PathBuf], seed: u64) -> (PathBuf, String) {
    let mut chance = Chance::of(seed);
    let path = chance.one(files).clone();
    let text = fs::read_to_string(&path).unwrap();
    let is_table = path.extension().is_some_and(|kind| kind == "csv");
    let text = if is_table { csv(&text, &mut chance) } else { toml(&text, &mut chance) };
    (path, text)
}

fn toml(text: &str, chance: &mut Chance) -> String {
    if chance.below(8) == 0 {
        return lines(text, chance);
    }
    let mut table: toml::Table = text.parse().unwrap();
    let mut count = 0;
    leaves(&mut table, &mut |_, _| count += 1);
    let wanted = chance.below(count);
    let (mut place, mut value) = (0, Some(odd_value(chance)));
    let removes = chance.below(6) == 0;
    leaves(&mut table, &mut |table, key| {
        if place == wanted {
            if removes {
                table.remove(key);
            } else if let Some(value) = value.take() {
                table.insert(key.to_owned(), value);
            }
        }
        place += 1;
    });
    toml::to_string(&table).unwrap()
}

/// Every key of every table, the innermost first.
fn leaves(table: &mut toml::Table, told: &mut dyn FnMut(&mut toml::Table, &str)) {
    for key in table.keys().cloned().collect::<Vec<_>>() {
        match table.get_mut(&key) {
            Some(Value::Table(inner)) => leaves(inner, told),
            Some(Value::Array(values)) => {
                values
                    .iter_mut()
                    .filter_map(Value::as_table_mut)
                    .for_each(|inner| leaves(inner, told));
            }
            _ => {}
        }
        told(table, &key);
    }
}

fn csv(text: &str, chance: &mut Chance) -> String {
    if chance.below(5) == 0 {
        return lines(text, chance);
    }
    let mut rows: Vec<Vec<String>> =
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let place = chance.below(rows.len());
    let row = &mut rows[place];
    let cell = chance.below(row.len());
    match chance.below(5) {
        0 => drop(row.remove(cell)),
        1 => row.insert(cell, String::new()),
        _ => (*chance.one(&TEXTS)).clone_into(&mut row[cell]),
    }
    rows.iter().map(|row| row.join(",") + "\n").collect()
}

/// A line removed, doubled, cut, or with a sign that does not belong there.
fn lines(text: &str, chance: &mut Chance) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let place = chance.below(lines.len());
    match chance.below(4) {
        0 => drop(lines.remove(place)),
        1 => lines.insert(place, lines[place].clone()),
        2 => {
            let half = lines[place].chars().count() / 2;
            lines[place] = lines[place].chars().take(half).collect();
        }
        _ => lines[place].push_str(["\"", "=", "[", "\u{0}"][chance.below(4)]),
    }
    lines.join("\n") + "\n"
}

/// Writes the mutated file, works, and puts the file back as it was.
pub fn with<T>(files: &[PathBuf], seed: u64, work: impl FnOnce(&Path) -> T) -> T {
    let (path, text) = mutated(files, seed);
    let before = fs::read(&path).unwrap();
    fs::write(&path, text).unwrap();
    let done = work(&path);
    fs::write(&path, before).unwrap();
    done
}

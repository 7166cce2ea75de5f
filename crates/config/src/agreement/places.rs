//! Folders and files of a pipeline file that must not lie in each other, whatever links lead there.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::mistake::Mistake;
use crate::pipeline::{PipelineFile, PseudonymKey};

/// A path of the pipeline file: what it is, where it leads, and the line on which it stands.
struct Place {
    what: String,
    path: PathBuf,
    line: Option<u32>,
}

/// The first line, from 1, that sets a key, at or after one counted from 0.
pub fn line_of(text: &str, key: &str, from: usize) -> Option<u32> {
    let sets = |line: &str| {
        line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let mut lines = text.lines().enumerate().skip(from).filter(|(_, line)| sets(line));
    lines.next().map(|(line, _)| line as u32 + 1)
}

/// All places that lie in one where they would be overwritten, deleted or read as something else; paths come resolved.
pub fn check_places(file: &Path, text: &str, pipeline: &PipelineFile) -> Vec<Mistake> {
    let line_of = |key: &str, from: usize| line_of(text, key, from);
    let place = |what: String, path: &Path, line| Place { what, path: real(path), line };
    let folder = |key: &str, path: &Path| place(format!("`{key}`"), path, line_of(key, 0));
    let [config, store, marts] = [
        folder("config", &pipeline.config),
        folder("store", &pipeline.store),
        folder("marts", &pipeline.marts),
    ];
    let mut mistakes = Vec::new();
    mistakes.extend(check_addresses(file, text, pipeline));
    let mut apart = |one: &Place, other: &Place| {
        mistakes.extend(in_each_other(file, one, other));
    };
    apart(&store, &config);
    apart(&marts, &config);
    apart(&marts, &store);
    for delivery in &pipeline.deliveries {
        let named = text.lines().position(|line| {
            line.trim_start().starts_with("name")
                && line.contains(&format!("\"{}\"", delivery.name))
        });
        let line = line_of("file", named.unwrap_or(0));
        let delivery = place(format!("delivery `{}`", delivery.name), &delivery.file, line);
        for folder in [&config, &store, &marts] {
            apart(&delivery, folder);
        }
    }
    if let PseudonymKey::File(key) = &pipeline.pseudonym_key {
        let key = place("the file of `pseudonym_key`".to_owned(), key, line_of("pseudonym_key", 0));
        for folder in [&store, &marts] {
            apart(&key, folder);
        }
    }
    if let Some(lineage) = &pipeline.lineage {
        let line = line_of("lineage", 0);
        let lineage = place("the file of `lineage`".to_owned(), &lineage.file, line);
        for folder in [&config, &marts] {
            apart(&lineage, folder);
        }
    }
    mistakes
}

/// The mistake of two places of which one lies in the other.
fn in_each_other(file: &Path, one: &Place, other: &Place) -> Option<Mistake> {
    let (inner, outer) =
        if one.path.starts_with(&other.path) { (one, other) } else { (other, one) };
    if !inner.path.starts_with(&outer.path) {
        return None;
    }
    let how = if inner.path == outer.path { "is the folder of" } else { "lies in" };
    let message = format!("{} {how} {}", inner.what, outer.what);
    let mistake = Mistake::new(file, inner.line.or(outer.line), message)
        .expected("folders that do not lie in each other");
    Some(mistake.hint(format!("it is {}", inner.path.display())))
}

/// Addresses of store and marts of which one lies in the other: what is read by whom could not be told apart.
fn check_addresses(file: &Path, text: &str, pipeline: &PipelineFile) -> Option<Mistake> {
    let of = |address: &Option<String>| {
        address.as_ref().map(|address| format!("{}/", address.trim_end_matches('/')))
    };
    let store = of(&pipeline.elsewhere.store)?;
    let marts = of(&pipeline.elsewhere.marts)?;
    let is_mixed = store.starts_with(&marts) || marts.starts_with(&store);
    is_mixed.then(|| {
        Mistake::new(file, line_of(text, "marts", 0), "`store` and `marts` lie in each other")
            .expected("two prefixes, of which none begins with the other")
            .hint("e.g. `s3://BUCKET/store` and `s3://BUCKET/marts`")
    })
}

/// Where a path leads: links are followed as far as it exists.
fn real(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut missing: Vec<OsString> = Vec::new();
    let mut there = whole.as_path();
    loop {
        if let Ok(found) = there.canonicalize() {
            return missing.iter().rev().fold(found, |path, part| path.join(part));
        }
        match (there.parent(), there.file_name()) {
            (Some(parent), Some(name)) => {
                missing.push(name.to_owned());
                there = parent;
            }
            _ => return whole,
        }
    }
}

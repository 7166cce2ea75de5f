//! An export, looked at and read once: its profile, and what each of its columns is brought in as.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use config::ExportProfile;
use ingest::{Delivery, Key, Known, KnownHeaders, Limits, Look, ReadBy, read_in_batches};
use pipeline::first_look::{shipped_profiles, shipped_text};
use survey::Wave;

use crate::column::{Brought, Role, Seen, stem};
use crate::error::Error;
use crate::profile::Profile;
use crate::request::Request;
use crate::table::{free, slug};
use crate::values::Values;

/// An export that a draft brings in.
#[derive(Debug)]
pub(crate) struct Export {
    pub(crate) path: PathBuf,
    /// Its name without extension.
    pub(crate) stem: String,
    pub(crate) panel: String,
    pub(crate) wave: Wave,
    pub(crate) profile: Profile,
    pub(crate) sheet: Option<String>,
    pub(crate) columns: Vec<Brought>,
    pub(crate) rows: u64,
    pub(crate) has_id: bool,
}

impl Export {
    pub(crate) fn read(
        path: &Path,
        panel: String,
        wave: Wave,
        request: &Request,
    ) -> Result<Self, Error> {
        let reader = Reader { path, request };
        let (look, profile) = reader.look()?;
        let (columns, rows) = reader.columns(&look, &profile)?;
        let has_id = columns.iter().any(|column| column.role == Role::Identifier);
        if !columns.iter().any(|column| brings_figures(&column.role)) {
            let problem = "no column of it makes a figure".to_owned();
            return Err(reader.refusal(problem, "`--include-values` writes answers that fewer than five gave too; `peil ingest FILE` shows the columns"));
        }
        Ok(Self {
            path: path.to_owned(),
            stem: file_stem(path),
            panel,
            wave,
            profile,
            sheet: request.sheet.clone(),
            columns,
            rows,
            has_id,
        })
    }

    /// Columns that its profile has to drop beside those that it names already.
    pub(crate) fn to_drop(&self) -> Vec<String> {
        let is_dropped =
            |column: &&Brought| matches!(column.role, Role::LeftOut(why) if why.is_dropped_now());
        let headers = self.columns.iter().filter(is_dropped).map(|column| column.header.clone());
        headers.filter(|header| !header.trim().is_empty()).collect()
    }
}

pub(crate) fn file_stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn brings_figures(role: &Role) -> bool {
    matches!(
        role,
        Role::Category { .. } | Role::Chosen | Role::Options { .. } | Role::Number { .. }
    )
}

struct Reader<'a> {
    path: &'a Path,
    request: &'a Request,
}

impl Reader<'_> {
    fn refusal(&self, problem: String, hint: &str) -> Error {
        Error::File { file: self.path.to_owned(), problem, hint: hint.to_owned() }
    }

    fn unreadable(&self, error: &ingest::Error) -> Error {
        self.refusal(error.fact(), &error.hint().unwrap_or("`peil ingest FILE` tells more".into()))
    }

    fn delivery(&self, headers: KnownHeaders) -> Delivery {
        let name = file_stem(self.path);
        Delivery { sheet: self.request.sheet.clone(), headers, ..Delivery::new(name, self.path) }
    }

    /// By the profile that was asked for, else by the one that fits, else by what the file shows.
    fn look(&self) -> Result<(Look, Profile), Error> {
        let asked = self.asked()?;
        let shipped = shipped_profiles();
        let shipped: Vec<&ExportProfile> = shipped.iter().collect();
        let known = Known { profiles: &shipped, codebook: None, read_twice: false };
        let parsed = asked.as_ref().map(Profile::parsed).transpose();
        let parsed = parsed.map_err(|problem| self.refusal(problem, "mend the profile"))?;
        let delivery = self.delivery(KnownHeaders::default());
        let look = ingest::look_within(&delivery, &known, parsed.as_ref(), &Limits::default());
        let look = look.map_err(|error| self.unreadable(&error))?;
        if look.looks.iter().all(|column| column.header.trim().is_empty()) {
            let problem = "no row of it is recognised as a header".to_owned();
            return Err(self.refusal(problem, "`peil ingest FILE --show-header` shows the first rows to somebody who may see them"));
        }
        let name = &look.about.profile;
        let profile = match (asked, look.read_by) {
            (Some(asked), _) => asked,
            (None, ReadBy::Recognised) => {
                let text = shipped_text(name).unwrap_or_default().to_owned();
                Profile { name: name.clone(), text }
            }
            (None, _) => {
                let name = slug(&file_stem(self.path), 6, 40);
                let name = if name.is_empty() { "export".to_owned() } else { name };
                let text =
                    look.profile_proposal.replace("PRODUCER, and how it was exported", &name);
                Profile { name, text }
            }
        };
        let profile = separated(&look, profile);
        Ok((look, profile))
    }

    fn asked(&self) -> Result<Option<Profile>, Error> {
        let Some(name) = &self.request.profile else { return Ok(None) };
        let path = Path::new(name);
        if path.extension().is_some_and(|extension| extension == "toml") {
            let profile = ExportProfile::load(path)
                .map_err(|mistakes| Error::Read(pipeline::Error::Configuration(mistakes)))?;
            let text = std::fs::read_to_string(path).unwrap_or_default();
            return Ok(Some(Profile { name: profile.profile, text }));
        }
        let text = shipped_text(name).ok_or_else(|| {
            let all: Vec<String> =
                shipped_profiles().iter().map(|known| format!("`{}`", known.profile)).collect();
            Error::Flags {
                problem: format!("there is no export profile `{name}`"),
                hint: format!("there is: {}; or name a file NAME.toml", all.join(", ")),
            }
        })?;
        Ok(Some(Profile { name: name.clone(), text: text.to_owned() }))
    }

    /// The columns by their values, as the profile of the draft reads them.
    fn columns(&self, look: &Look, profile: &Profile) -> Result<(Vec<Brought>, u64), Error> {
        let parsed = profile.parsed();
        let parsed =
            parsed.map_err(|problem| self.refusal(problem, "name one: `--profile NAME`"))?;
        let separator = parsed.values.option_separator;
        let separators: BTreeMap<u32, char> = look
            .looks
            .iter()
            .filter(|column| column.options.is_some_and(|found| found.separator == separator))
            .map(|column| (column.position, separator))
            .collect();
        let headers = KnownHeaders::of(look.looks.iter().map(|column| column.header.as_str()));
        let key = Key::new(b"a key that hides nothing, for a draft");
        let key = key.map_err(|_| self.refusal("no key".to_owned(), ""))?;
        let mut values = Values::new(separators.clone());
        let delivery = self.delivery(headers);
        let raw = read_in_batches(&delivery, &parsed, &key, &Limits::default(), &mut values);
        let about = raw.map_err(|error| self.unreadable(&error))?.about;
        let mut columns = Vec::new();
        let mut may_be_chosen: Vec<(usize, String)> = Vec::new();
        for column in &look.looks {
            let Some(raw) = about.columns.iter().find(|raw| raw.position == column.position) else {
                continue;
            };
            let mut seen = column.clone();
            seen.treatment = raw.treatment;
            seen.classes = raw.classes;
            seen.options = seen.options.filter(|_| separators.contains_key(&column.position));
            let texts = values.of(column.position);
            let seen = Seen { look: &seen, column: raw, texts, rows: about.rows_out };
            let brought = seen.brought(&signs(&parsed), self.request.include_values);
            let is_answer = matches!(
                brought.role,
                Role::Category { .. } | Role::LeftOut(crate::column::Why::Rare)
            );
            if is_answer
                && seen.may_be_chosen()
                && let Some(stem) = stem(&brought.header)
            {
                may_be_chosen.push((columns.len(), stem.to_owned()));
            }
            columns.push(brought);
        }
        let mut seen_twice: BTreeSet<&str> = BTreeSet::new();
        for (place, stem) in &may_be_chosen {
            if may_be_chosen.iter().any(|(other, same)| other != place && same == stem) {
                seen_twice.insert(stem);
            }
        }
        for (place, _) in
            may_be_chosen.iter().filter(|(_, stem)| seen_twice.contains(stem.as_str()))
        {
            columns[*place].role = Role::Chosen;
        }
        Ok((columns, about.rows_out))
    }
}

/// Cells with several answers are cut at the sign that stands in them, where none has the profile's.
fn separated(look: &Look, profile: Profile) -> Profile {
    let own = profile.parsed().map(|profile| profile.values.option_separator);
    let signs: BTreeSet<char> =
        look.looks.iter().filter_map(|column| Some(column.options?.separator)).collect();
    match signs.first() {
        Some(sign) if own.is_ok_and(|own| !signs.contains(&own)) => profile.separating(*sign),
        _ => profile,
    }
}

/// Headers that the producer writes itself: they are no questions.
fn signs(profile: &ExportProfile) -> Vec<String> {
    let own = |sign: &&String| !sign.contains(['*', '{']) && !sign.contains("Response");
    profile.signs.iter().filter(own).cloned().collect()
}

/// A name for a delivery, that no other one has.
pub(crate) fn delivery_name(export: &Export, taken: &BTreeSet<String>) -> String {
    let name = slug(&export.stem, 8, 48);
    let name = if name.is_empty() { export.panel.clone() } else { name };
    free(&name, |name| taken.contains(name))
}

//! Which sheet is read, and what a workbook hides.

use config::ExportProfile;
use config::export::SheetChoice;
use survey::handoff::RawAbout;
use survey::header::visible;
use survey::{Code, Finding, Severity};
use workbook::{SheetInfo, SheetKind, Visibility};

use crate::delivery::Delivery;
use crate::error::{Error, Place};
use crate::findings::finding;
use crate::names::{is_like, listed, similar};
use crate::opened::Opened;
use crate::receipt::about;

/// A sheet, and what is known of it before its rows are read.
pub(super) struct Chosen {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) about: RawAbout,
    pub(super) findings: Vec<Finding>,
}

impl Chosen {
    /// Runs of hidden columns, from 0.
    pub(super) fn hides(&mut self, columns: &[(u32, u32)]) {
        if !columns.is_empty() {
            self.findings.push(hidden_columns(&self.place, columns));
        }
    }
}

/// Who chooses the sheet.
pub(super) struct Choice<'a> {
    pub(super) delivery: &'a Delivery,
    pub(super) profile: &'a ExportProfile,
}

impl Choice<'_> {
    pub(super) fn chosen(
        &self,
        opened: &Opened,
        all: &[SheetInfo],
        notes: Vec<String>,
    ) -> Result<Chosen, Error> {
        let name = self.choose(&opened.place, all)?;
        let shown = visible(&name).into_owned();
        let place = Place { sheet: Some(shown.as_str().into()), ..opened.place.clone() };
        let mut about = about(opened, self.profile, "workbook");
        about.blake3 = opened.hash()?;
        about.sheet = Some(shown);
        about.sheets = sheets(all);
        about.notes.extend(notes);
        let findings = hidden_sheets(&place, &about);
        Ok(Chosen { name, place, about, findings })
    }

    /// The sheet's name by the delivery, else by the profile.
    fn choose(&self, place: &Place, all: &[SheetInfo]) -> Result<String, Error> {
        let sheets: Vec<&SheetInfo> =
            all.iter().filter(|sheet| sheet.kind == SheetKind::Worksheet).collect();
        let visible = || sheets.iter().filter(|sheet| sheet.visibility == Visibility::Visible);
        let named = |name: &str| {
            let named = |sheet: &&&SheetInfo| sheet.name == name || shown(sheet) == name;
            sheets.iter().find(named).map(|sheet| sheet.name.clone())
        };
        let (found, wanted) = match (&self.delivery.sheet, &self.profile.workbook.sheet) {
            (Some(name), _) | (None, SheetChoice::Named(name)) => {
                (named(name), format!("`{name}`"))
            }
            (None, SheetChoice::FirstVisible) => {
                (visible().next().map(|sheet| sheet.name.clone()), "that is visible".to_owned())
            }
            (None, SheetChoice::OnlyVisible) => {
                let mut names = visible().map(|sheet| sheet.name.clone());
                let only = names.next().filter(|_| names.next().is_none());
                (only, "that is the only visible one".to_owned())
            }
            (None, SheetChoice::Like(pattern)) => {
                let mut names = sheets
                    .iter()
                    .filter(|sheet| is_like(&sheet.name, pattern))
                    .map(|sheet| sheet.name.clone());
                let only = names.next().filter(|_| names.next().is_none());
                (only, format!("that is the only one matching `{pattern}`"))
            }
        };
        found.ok_or_else(|| {
            let names: Vec<String> = all.iter().map(|sheet| sheet.name.clone()).collect();
            let near = similar(&[wanted.trim_matches('`')], names.iter().map(String::as_str));
            let advice = if near.is_empty() {
                "name the sheet in the pipeline file: `sheet = \"…\"`".to_owned()
            } else {
                format!("did you mean {}?", listed(&near))
            };
            Error::SheetNotFound {
                place: place.clone(),
                wanted: wanted.into(),
                sheets: names,
                advice,
            }
        })
    }
}

/// Its name as messages and receipts have it.
fn shown(sheet: &SheetInfo) -> String {
    visible(&sheet.name).into_owned()
}

fn sheets(all: &[SheetInfo]) -> Vec<(String, String)> {
    let name = |sheet: &SheetInfo| match sheet.visibility {
        Visibility::Visible => "visible",
        Visibility::Hidden => "hidden",
        Visibility::VeryHidden => "very hidden",
    };
    all.iter().map(|sheet| (shown(sheet), name(sheet).to_owned())).collect()
}

fn hidden_sheets(place: &Place, about: &RawAbout) -> Vec<Finding> {
    about
        .sheets
        .iter()
        .filter(|(_, visibility)| visibility != "visible")
        .map(|(name, visibility)| {
            let found = format!("sheet `{name}` is {visibility}");
            let action = if Some(name) == about.sheet.as_ref() { "read" } else { "not read" };
            let hint = "check whether it belongs to the delivery; it may hold personal data";
            finding(
                place,
                Code::HiddenSheet,
                Severity::Info,
                [&found, "no hidden sheets", action, hint],
            )
        })
        .collect()
}

/// No sheet has a column beyond.
const LAST_COLUMN: u32 = (1 << 20) - 1;

fn hidden_columns(place: &Place, hidden: &[(u32, u32)]) -> Finding {
    let letters = |column: u32| survey::cell::column_letters(column.min(LAST_COLUMN));
    let names: Vec<String> = hidden
        .iter()
        .map(|(first, last)| {
            if first == last {
                letters(*first)
            } else {
                format!("{}:{}", letters(*first), letters(*last))
            }
        })
        .collect();
    let found = format!("hidden columns {}", names.join(", "));
    let words = [
        found.as_str(),
        "all columns visible",
        "kept",
        "unhide them and check whether they belong to the data",
    ];
    let mut finding = finding(place, Code::HiddenColumns, Severity::Info, words);
    finding.count = hidden.len() as u64;
    finding
}

//! A tiny synthetic survey for a project that is begun from nothing: invented answers of nobody.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use survey::Wave;

use crate::error::Error;

const RESPONDENTS: u32 = 120;

/// The delivery's name.
pub(crate) fn name(wave: Wave) -> String {
    format!("synthetic_example_{wave}")
}

/// A CSV as people make one by hand: an id, two background questions, a question, a mark, several answers in a cell.
pub(crate) fn export() -> String {
    let mut text = String::from(
        "respondent_id,Age group,Sex,Do you use the portal?,How do you rate it (0-10)?,What do you use it for?\n",
    );
    for number in 0..RESPONDENTS {
        let of = |answers: &[&'static str], step: u32| {
            answers[(number * step / 3 % answers.len() as u32) as usize]
        };
        let portal = of(&["Yes", "Yes", "No", "Yes", "Don't know"], 7);
        let mark = 4 + number * 5 % 7;
        let uses = of(
            &[
                "appointments;results;",
                "results;",
                "appointments;",
                "results;messages;",
                "messages;",
            ],
            4,
        );
        let (mark, uses) =
            if portal == "Yes" { (mark.to_string(), uses) } else { (String::new(), "") };
        let age = of(&["18-34", "35-54", "55-74", "75 and over"], 5);
        let sex = of(&["Female", "Male"], 3);
        let _ = writeln!(text, "E{:04},{age},{sex},{portal},{mark},{uses}", number + 1);
    }
    text
}

/// Calls with a folder that holds the file while it lasts.
pub(crate) fn with_file<T>(
    name: &Path,
    text: &str,
    call: impl FnOnce(&Path) -> Result<T, Error>,
) -> Result<T, Error> {
    let failed = |error| Error::Write { path: std::env::temp_dir(), error };
    let folder = tempfile::tempdir().map_err(failed)?;
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap_or(folder.path())).map_err(failed)?;
    fs::write(&path, text).map_err(failed)?;
    call(folder.path())
}

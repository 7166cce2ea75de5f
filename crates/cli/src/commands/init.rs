//! `peil init`: begins a project.

use jiff::Zoned;
use pipeline::Error;
use start::{Request, draft, write};

use crate::arguments::InitArguments;
use crate::outside;
use crate::print::message;

pub fn init(arguments: &InitArguments) -> Result<u8, Error> {
    let request = Request {
        files: arguments.files.clone(),
        panels: arguments.panel.clone(),
        waves: arguments.wave.clone(),
        this_year: u32::try_from(Zoned::now().year()).unwrap_or(0),
        profile: arguments.profile.clone(),
        sheet: arguments.sheet.clone(),
        include_values: arguments.include_values,
        folder: arguments.dir.clone(),
    };
    let draft = draft(&request)?;
    let written = write(&arguments.dir, &draft, &outside::random)?;
    for line in &draft.told {
        message(line);
    }
    let folder = arguments.dir.display();
    message(&format!("{} files written in `{folder}`, all of them drafts", written.files.len()));
    let there =
        if arguments.dir.as_os_str() == "." { String::new() } else { format!("cd {folder} && ") };
    message(&format!("next: `{there}peil run`; then read config/draft.md"));
    Ok(0)
}

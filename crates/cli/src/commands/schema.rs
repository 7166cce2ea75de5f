//! `peil schema`: what may stand in the settings, for editors and for people.

use std::fs;

use config::mistake::did_you_mean;
use config::schema::{FILES, of, text};
use pipeline::Error;

use crate::arguments::SchemaArguments;
use crate::print::{data, message};

pub fn schema(arguments: &SchemaArguments) -> Result<u8, Error> {
    if let Some(folder) = &arguments.out {
        let failed = |error| store::Error::Unwritable { path: folder.clone(), error };
        fs::create_dir_all(folder).map_err(failed)?;
        for (name, schema) in FILES.iter().filter_map(|(name, _)| Some((name, of(name)?))) {
            fs::write(folder.join(format!("{name}.json")), text(&schema)).map_err(failed)?;
        }
        message(&format!(
            "{} schemas written in `{}`: begin a settings file with `#:schema` and the path to its schema",
            FILES.len(),
            folder.display()
        ));
        return Ok(0);
    }
    let Some(name) = &arguments.name else {
        for (name, file) in FILES {
            data(&format!("{name:<10}{file}\n"));
        }
        return Ok(0);
    };
    let Some(schema) = of(name) else {
        let names = FILES.map(|(name, _)| name);
        return Err(Error::Settings {
            path: name.into(),
            problem: "there is no schema of this name".to_owned(),
            hint: format!("{}; all: {}", did_you_mean(name, names), names.join(", ")),
        });
    };
    data(&text(&schema));
    Ok(0)
}

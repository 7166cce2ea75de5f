//! `peil key new`: makes a key for pseudonyms.

use pipeline::Error;
use pipeline::pseudonym_key::{new_secret, write_new};

use crate::arguments::{KeyArguments, KeyCommand};
use crate::outside;
use crate::print::{data, message};

pub fn key(arguments: &KeyArguments) -> Result<u8, Error> {
    let KeyCommand::New { file } = &arguments.command;
    if let Some(file) = file {
        write_new(file, &outside::random)?;
        message(&format!(
            "a new key stands in `{}`, readable by you alone; name it as `file` under [pseudonym_key] of the pipeline file, keep a copy where your organisation keeps secrets, and never put it into the repository",
            file.display()
        ));
    } else {
        let secret = new_secret(&outside::random).map_err(|error| Error::Settings {
            path: "-".into(),
            problem: format!("no key was made: {error}"),
            hint: "the system gives no random bytes".to_owned(),
        })?;
        data(&secret);
    }
    Ok(0)
}

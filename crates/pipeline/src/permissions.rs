//! The group that may read what is not for everyone, from its name to its number.

use std::fs;
use std::path::Path;

use config::pipeline::Group;
use mart::Access;

use crate::error::Error;

/// Names of groups and their numbers.
const GROUPS: &str = "/etc/group";

/// Who reads the store and the closed parts of a release.
pub fn access(pipeline: &Path, group: Option<&Group>) -> Result<Access, Error> {
    let group = match group {
        None => None,
        Some(Group::Number(number)) => Some(*number),
        Some(Group::Name(name)) => {
            let groups = fs::read_to_string(GROUPS).unwrap_or_default();
            Some(number_of(&groups, name).ok_or_else(|| Error::Settings {
                path: pipeline.to_owned(),
                problem: format!("`permissions`: there is no group `{name}` in {GROUPS}"),
                hint:
                    "a group that only a directory service knows is given by its number".to_owned(),
            })?)
        }
    };
    Ok(Access { group })
}

/// Lines are `name:password:number:members`.
fn number_of(groups: &str, wanted: &str) -> Option<u32> {
    let mut lines = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let line = lines.find(|line| line.first() == Some(&wanted))?;
    line.get(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_found_by_its_whole_name() {
        let groups = "root:x:0:\nanalysts:x:1003:ann,ben\nanalysts_old:x:1004:\n";
        assert_eq!(number_of(groups, "analysts"), Some(1003));
        assert_eq!(number_of(groups, "analyst"), None);
    }
}

//! What an answer of a store means, in words that hold no key, no secret and no signature.

use object_store::Error;
use store::remote::{Trouble, TroubleKind};

/// What to do after a request that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing is under the name.
    Absent,
    /// The condition was not met, or a lost answer of before met it.
    Unmet,
    /// Worth another try.
    Transient,
    Final(TroubleKind),
}

/// What a failed request means.
pub fn meaning(error: &Error) -> Meaning {
    let text = error.to_string();
    let says = |code: &str| text.contains(code);
    if says("RequestTimeTooSkewed") || says("RequestExpired") {
        return Meaning::Final(TroubleKind::Clock);
    }
    if says("NoSuchBucket")
        || says("ContainerNotFound")
        || says("The specified bucket does not exist")
    {
        return Meaning::Final(TroubleKind::NoBucket);
    }
    match error {
        Error::NotFound { .. } => Meaning::Absent,
        Error::AlreadyExists { .. } | Error::Precondition { .. } | Error::NotModified { .. } => {
            Meaning::Unmet
        }
        Error::NotImplemented { .. } | Error::NotSupported { .. } => {
            Meaning::Final(TroubleKind::Conditions)
        }
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            Meaning::Final(TroubleKind::Credentials)
        }
        _ => match status(&text) {
            Some(501) => Meaning::Final(TroubleKind::Conditions),
            Some(408 | 429 | 500..) | None => Meaning::Transient,
            Some(_) => Meaning::Final(TroubleKind::Answer),
        },
    }
}

/// The trouble that a failed request is, after all tries.
pub fn trouble(error: &Error, place: &str) -> Trouble {
    let kind = match meaning(error) {
        Meaning::Final(kind) => kind,
        Meaning::Transient if status(&error.to_string()).is_none() => TroubleKind::Unreachable,
        _ => TroubleKind::Answer,
    };
    let found = match kind {
        TroubleKind::Clock => "the store refuses this machine's clock: it is too far from its own",
        TroubleKind::NoBucket => "there is no such bucket",
        TroubleKind::Conditions => "the store knows no conditional writes",
        TroubleKind::Credentials => "the store does not take the credentials",
        TroubleKind::Unreachable => "the store does not answer",
        _ => "the store gives an error",
    };
    Trouble::new(kind, place, format!("{found} ({})", plain(error)))
}

/// The status and the store's own code, or what went wrong with the connection; never a body or a query, which may hold keys.
pub fn plain(error: &Error) -> String {
    let text = error.to_string();
    let code = between(&text, "<Code>", "</Code>");
    match (status(&text), code) {
        (Some(status), Some(code)) => format!("{status} {code}"),
        (Some(status), None) => format!("status {status}"),
        (None, _) => innermost(error),
    }
}

fn status(text: &str) -> Option<u16> {
    let rest = text.split("status code: ").nth(1)?;
    rest.get(..3)?.parse().ok()
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let rest = text.split_once(from)?.1;
    let code = rest.split_once(to)?.0;
    code.chars().all(|sign| sign.is_ascii_alphanumeric()).then_some(code)
}

/// The last cause, which names no address.
fn innermost(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let text = cause.to_string();
    let text = text.split('?').next().unwrap_or_default();
    text.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: &str, body: &str) -> Error {
        let source = format!(
            "Error performing PUT http://a/b?sig=SECRET in 1ms - Server returned non-2xx status code: {status}: {body}"
        );
        Error::Generic { store: "S3", source: source.into() }
    }

    #[test]
    fn what_a_store_answers_is_told_by_its_code_alone() {
        let body = "<Error><Code>InvalidAccessKeyId</Code><AWSAccessKeyId>AKIAEXAMPLE</AWSAccessKeyId></Error>";
        let told = trouble(&answered("400 Bad Request", body), "s3://a").to_string();
        assert!(told.contains("400 InvalidAccessKeyId"), "{told}");
        assert!(!told.contains("AKIA") && !told.contains("SECRET"), "{told}");
    }

    #[test]
    fn a_clock_that_is_wrong_is_told_as_such_and_a_busy_store_is_asked_again() {
        let skewed = answered("403 Forbidden", "<Code>RequestTimeTooSkewed</Code>");
        assert_eq!(meaning(&skewed), Meaning::Final(TroubleKind::Clock));
        assert_eq!(meaning(&answered("503 Slow Down", "")), Meaning::Transient);
        assert_eq!(meaning(&answered("501 ", "")), Meaning::Final(TroubleKind::Conditions));
    }
}

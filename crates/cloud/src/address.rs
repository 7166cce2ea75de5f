//! Addresses of object stores.

use store::remote::{Trouble, TroubleKind};

/// Whose protocol it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    S3,
    Google,
    Azure,
}

/// `s3://BUCKET/PREFIX`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub service: Service,
    pub bucket: String,
    /// Without `/` at its ends.
    pub prefix: String,
}

impl Address {
    /// Takes an address apart.
    pub fn parse(address: &str) -> Result<Self, Trouble> {
        let wrong = |found: &str| Trouble::new(TroubleKind::Address, address, found);
        let (scheme, rest) = address.split_once("://").ok_or_else(|| wrong("no address"))?;
        let service = match scheme {
            "s3" => Service::S3,
            "gs" => Service::Google,
            "az" => Service::Azure,
            "http" | "https" => {
                return Err(wrong(
                    "a web server: it knows no conditional writes, so that workers would overwrite one another",
                ));
            }
            other => return Err(wrong(&format!("`{other}://`, which no store speaks"))),
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() || bucket.contains(['?', '@', ':']) {
            return Err(wrong("no name of a bucket after `://`"));
        }
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['?', '#']);
        if !prefix.is_empty() && !prefix.split('/').all(is_plain) {
            return Err(wrong("a prefix with an empty part, `.`, `..`, `?` or `#`"));
        }
        Ok(Self { service, bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(address: &str) -> Option<(Service, String, String)> {
        let Address { service, bucket, prefix } = Address::parse(address).ok()?;
        Some((service, bucket, prefix))
    }

    #[test]
    fn an_address_has_a_service_a_bucket_and_perhaps_a_prefix() {
        let of = |service, bucket: &str, prefix: &str| {
            Some((service, bucket.to_owned(), prefix.to_owned()))
        };
        assert_eq!(parsed("s3://surveys/care/store/"), of(Service::S3, "surveys", "care/store"));
        assert_eq!(parsed("gs://surveys"), of(Service::Google, "surveys", ""));
        assert_eq!(parsed("az://surveys/a"), of(Service::Azure, "surveys", "a"));
        for wrong in [
            "s3://",
            "s3:///a",
            "s3://a//b",
            "s3://a/../b",
            "ftp://a/b",
            "http://a/b",
            "s3://key:secret@a/b",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }
}

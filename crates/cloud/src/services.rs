//! Connections by service, each set by the environment variables that its own tools read.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use store::remote::{Trouble, TroubleKind};

use crate::address::{Address, Service};
use crate::answer;

/// One request, its body included.
const REQUEST: Duration = Duration::from_mins(1);
const CONNECT: Duration = Duration::from_secs(5);

/// Any of these says where the credentials are; without one an instance's own would be asked for, over a network.
const SAY_WHO: [&[&str]; 3] = [
    &[
        "aws_access_key_id",
        "aws_web_identity_token_file",
        "aws_container_credentials_relative_uri",
        "aws_container_credentials_full_uri",
        "aws_metadata_endpoint",
        "aws_skip_signature",
    ],
    &[
        "google_service_account",
        "google_service_account_path",
        "google_service_account_key",
        "google_application_credentials",
        "google_skip_signature",
    ],
    &[
        "azure_storage_account_key",
        "azure_storage_access_key",
        "azure_storage_sas_token",
        "azure_storage_sas_key",
        "azure_client_secret",
        "azure_storage_client_secret",
        "azure_federated_token_file",
        "azure_storage_token",
        "azure_msi_endpoint",
        "azure_identity_endpoint",
        "azure_skip_signature",
        "azure_storage_use_emulator",
    ],
];

/// A connection to the service; nothing is sent yet.
pub fn open(
    address: &Address,
    variables: &[(String, String)],
) -> Result<Arc<dyn ObjectStore>, Trouble> {
    let (scheme, start, who) = match address.service {
        Service::S3 => ("s3", "aws_", SAY_WHO[0]),
        Service::Google => ("gs", "google_", SAY_WHO[1]),
        Service::Azure => ("az", "azure_", SAY_WHO[2]),
    };
    let place = format!("{scheme}://{}", address.bucket);
    let own: Vec<(String, &str)> = variables
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
        .filter(|(name, value)| name.starts_with(start) && !value.is_empty())
        .collect();
    if !own.iter().any(|(name, _)| who.contains(&name.as_str())) {
        let found = "no credentials in the environment";
        return Err(Trouble::new(TroubleKind::NoCredentials, &place, found));
    }
    let built: object_store::Result<Arc<dyn ObjectStore>> = match address.service {
        Service::S3 => {
            set(&own, AmazonS3Builder::new(), |builder, key: AmazonS3ConfigKey, value| {
                builder.with_config(key, value)
            })
            .with_bucket_name(&address.bucket)
            .with_client_options(options(&own, "aws_allow_http"))
            .with_retry(once())
            .build()
            .map(|built| Arc::new(built) as _)
        }
        Service::Google => {
            set(&own, GoogleCloudStorageBuilder::new(), |builder, key: GoogleConfigKey, value| {
                builder.with_config(key, value)
            })
            .with_bucket_name(&address.bucket)
            .with_client_options(options(&own, "google_allow_http"))
            .with_retry(once())
            .build()
            .map(|built| Arc::new(built) as _)
        }
        Service::Azure => {
            set(&own, MicrosoftAzureBuilder::new(), |builder, key: AzureConfigKey, value| {
                builder.with_config(key, value)
            })
            .with_container_name(&address.bucket)
            .with_client_options(options(&own, "azure_allow_http"))
            .with_retry(once())
            .build()
            .map(|built| Arc::new(built) as _)
        }
    };
    built.map_err(|error| Trouble::new(TroubleKind::Credentials, &place, answer::plain(&error)))
}

/// Hands over what the service knows of the variables.
fn set<B, K: FromStr>(
    variables: &[(String, &str)],
    builder: B,
    with: impl Fn(B, K, String) -> B,
) -> B {
    variables.iter().fold(builder, |builder, (name, value)| match K::from_str(name) {
        Ok(key) => with(builder, key, (*value).to_owned()),
        Err(_) => builder,
    })
}

fn options(variables: &[(String, &str)], allow_http: &str) -> ClientOptions {
    let is_allowed = variables.iter().any(|(name, value)| name == allow_http && *value == "true");
    ClientOptions::new()
        .with_timeout(REQUEST)
        .with_connect_timeout(CONNECT)
        .with_allow_http(is_allowed)
}

/// What is worth another try is tried again in `client`, which looks first whether the write took place.
fn once() -> RetryConfig {
    RetryConfig { max_retries: 0, ..RetryConfig::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_credentials_nothing_is_asked_for_over_a_network() {
        for address in ["s3://surveys/a", "gs://surveys/a", "az://surveys/a"] {
            let address = Address::parse(address).map(|address| open(&address, &[]).map(drop));
            let kind = address.and_then(|opened| opened).map_err(|trouble| trouble.kind);
            assert_eq!(kind, Err(TroubleKind::NoCredentials));
        }
    }
}

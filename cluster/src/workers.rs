//! The workers that a coordinator was told of: read, greeted, and handed to the engine.

use std::time::Duration;

use datafusion::error::Result as EngineResult;
use datafusion_distributed::grpc::{DefaultChannelResolver, create_worker_client};
use datafusion_distributed::{GetWorkerInfoRequest, WorkerResolver};
use futures::future::join_all;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

use crate::error::Error;
use crate::worker::version;

/// How long a worker may take to say its version.
const PATIENCE: Duration = Duration::from_secs(5);

/// A list that stays the same for a run.
#[derive(Debug, Clone)]
pub struct Workers(Vec<Url>);

impl WorkerResolver for Workers {
    fn get_urls(&self) -> EngineResult<Vec<Url>> {
        Ok(self.0.clone())
    }
}

impl Workers {
    /// Reads the addresses and asks each worker for its version; all mistakes at once.
    pub async fn greet(texts: &[String]) -> Result<Self, Error> {
        let urls = addresses(texts)?;
        let greeted = join_all(urls.iter().map(greet)).await;
        let errors: Vec<Error> = greeted.into_iter().filter_map(Result::err).collect();
        if errors.is_empty() { Ok(Self(urls)) } else { Err(Error::several(errors)) }
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }
}

fn addresses(texts: &[String]) -> Result<Vec<Url>, Error> {
    let mut urls: Vec<Url> = Vec::new();
    let mut errors = Vec::new();
    for text in texts {
        match address(text) {
            None => errors.push(Error::Address { text: text.clone() }),
            Some(url) if urls.contains(&url) => errors.push(Error::Twice { text: text.clone() }),
            Some(url) => urls.push(url),
        }
    }
    if errors.is_empty() { Ok(urls) } else { Err(Error::several(errors)) }
}

/// `http://HOST:PORT` and nothing more.
fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_one = url.scheme() == "http" && url.host().is_some() && url.port().is_some();
    (is_bare && is_one && url.username().is_empty()).then_some(url)
}

async fn greet(url: &Url) -> Result<(), Error> {
    let worker = url.as_str().trim_end_matches('/').to_owned();
    let silent = |problem: String| Error::NoAnswer { worker: worker.clone(), problem };
    let late = |_| silent(format!("found no answer within {} s", PATIENCE.as_secs()));
    // The engine's error does not say why a connection failed.
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let connected = TcpStream::connect((host, url.port().unwrap_or_default()));
    timeout(PATIENCE, connected).await.map_err(late)?.map_err(|error| silent(error.to_string()))?;
    let no_worker = |_| silent("found something that does not answer as a worker".to_owned());
    let asked = async {
        let channel = DefaultChannelResolver::default().get_channel(url).await?;
        create_worker_client(channel).get_worker_info(GetWorkerInfoRequest {}).await
    };
    let found = timeout(PATIENCE, asked).await.map_err(late)?.map_err(no_worker)?.version;
    if found == version() {
        return Ok(());
    }
    Err(Error::OtherVersion { worker, found, expected: version() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_scheme_host_and_port() {
        for good in ["http://127.0.0.1:5001", "http://[::1]:5001/", " http://node-3:5001"] {
            assert!(address(good).is_some(), "{good}");
        }
        for bad in ["127.0.0.1:5001", "https://a:1", "http://a", "http://a:1/b", "http://u@a:1", ""]
        {
            assert!(address(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn all_mistakes_in_the_addresses_are_told_at_once() {
        let texts = ["http://a:1", "http://a:1/", "a", "http://b:2"].map(str::to_owned);
        let told = addresses(&texts).map(|_| ()).map_err(|error| error.to_string());
        let expected = "--workers: found `http://a:1/` twice, expected each worker once\n--workers: found `a`, expected http://HOST:PORT";
        assert_eq!(told, Err(expected.to_owned()));
    }
}

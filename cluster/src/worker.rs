//! A worker: runs the parts of queries that a coordinator sends.

use std::net::SocketAddr;

use datafusion::DATAFUSION_VERSION;
use datafusion::error::Result as EngineResult;
use datafusion::execution::{FunctionRegistry, SessionState};
use datafusion_distributed::{Worker, WorkerQueryContext};
use expression::elsewhere;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::engine;
use crate::error::Error;

/// A worker and its coordinator must be of one version: plans are understood by no other.
pub fn version() -> String {
    format!("peil-cluster {} on DataFusion {DATAFUSION_VERSION}", env!("CARGO_PKG_VERSION"))
}

/// A port on which nothing is answered yet.
pub struct Listening {
    listener: TcpListener,
    pub address: SocketAddr,
}

impl Listening {
    /// Port 0 is any that is free. An address that other machines reach must be wanted.
    pub async fn on(address: SocketAddr, trust_network: bool) -> Result<Self, Error> {
        if !address.ip().is_loopback() && !trust_network {
            return Err(Error::Open { address });
        }
        let listen = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        Ok(Self { listener, address })
    }
}

/// Answers until it is told to stop.
pub async fn serve(
    listening: Listening,
    memory_mib: u64,
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    let worker = Worker::from_session_builder(session)
        .with_runtime_env(engine::runtime(memory_mib)?)
        .with_version(version());
    let incoming = TcpIncoming::from(listening.listener).with_nodelay(Some(true));
    let server = Server::builder().add_service(worker.into_worker_server());
    Ok(server.serve_with_incoming_shutdown(incoming, stop).await?)
}

/// The session of one query: it knows our functions by their names.
async fn session(context: WorkerQueryContext) -> EngineResult<SessionState> {
    let mut session = context.builder.build();
    for function in elsewhere::functions() {
        session.register_udf(function)?;
    }
    Ok(session)
}

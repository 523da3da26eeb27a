//! `jackfield serve`: from the checked configuration to the orderly end.

use std::sync::Arc;

use tracing_subscriber::EnvFilter;

use crate::app::{App, StartError};
use crate::config::{Config, LogFormat};

/// Why the server did not start or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// There are no threads for the API.
    #[error("cannot start the threads of the API: {0}")]
    Threads(#[source] std::io::Error),
    /// Something it stands on did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The HTTP address cannot be used.
    #[error("cannot listen for HTTP on {address}: change `http.bind` or `http.port`")]
    Http {
        /// Where.
        address: std::net::SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Runs the centre until it is asked to stop.
///
/// # Errors
///
/// [`ServeError`] if it cannot start; what fails later is logged and served around.
pub async fn serve(config: Config) -> Result<(), ServeError> {
    log_to_stderr(&config);
    let address = config.http.bind;
    let api = Api::start(config.api_threads).map_err(ServeError::Threads)?;
    // Taken before anything else is touched: two servers on one configuration are told apart early.
    let listener = api.spawn(tokio::net::TcpListener::bind(address)).await;
    let listener = listener
        .map_err(std::io::Error::other)
        .flatten()
        .map_err(|source| ServeError::Http { address, source })?;
    // Listened for from the beginning: by itself the signal would end the process.
    let hang_up = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup());
    let (app, events) = App::start(config).await?;
    tracing::info!(sip = %app.endpoint.local_addr(), http = %address, "Jackfield is up");
    let calls = tokio::spawn(Arc::clone(&app).serve_calls(events));
    let http = api.spawn(crate::http::serve(Arc::clone(&app), listener));
    let reloads = tokio::spawn(reload_when_asked(Arc::clone(&app), hang_up));
    asked_to_stop().await;
    tracing::info!("stopping: new calls are refused, the others may end");
    app.shut_down().await;
    reloads.abort();
    calls.abort();
    http.abort();
    Ok(())
}

/// The threads of the API: a swap, a report or an export computes for milliseconds, and a call that is to
/// be routed meanwhile does not queue behind it.
struct Api(Option<tokio::runtime::Runtime>);

impl Api {
    fn start(threads: usize) -> std::io::Result<Self> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let built = builder.worker_threads(threads).thread_name("api").enable_all().build();
        built.map(|runtime| Self(Some(runtime)))
    }

    fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        match &self.0 {
            Some(runtime) => runtime.spawn(work),
            // Only while it is dropped.
            None => tokio::spawn(work),
        }
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        // Where calls are served nobody may wait for the threads' end.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Reads the configuration again at each SIGHUP. What is wrong is in the log.
async fn reload_when_asked(app: Arc<App>, signal: std::io::Result<tokio::signal::unix::Signal>) {
    let Ok(mut signal) = signal else { return };
    while signal.recv().await.is_some() {
        // The reload has logged what it did, and why it did not.
        drop(app.reload().await);
    }
}

async fn asked_to_stop() {
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    match terminate {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        // Without the handler the signal ends the process by itself.
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

fn log_to_stderr(config: &Config) {
    let filter = EnvFilter::try_new(&config.log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours)
        .with_writer(std::io::stderr);
    let set = match config.log.format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    // A second subscriber is one that a test has set: it stays.
    drop(set);
}

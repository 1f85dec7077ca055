//! Structured logs. What must never stand in them is never handed to them: no token, no cookie,
//! no slip of a sign-in link, no body of a report, no name or phone of a person. Request lines
//! are logged by route, not by path, since a path may carry a slip.

use tracing_subscriber::EnvFilter;

/// Starts logging to standard error; `RUST_LOG` narrows it.
pub fn start(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start (in tests) keeps the first.
    let _started = if json {
        builder.json().try_init()
    } else {
        builder.try_init()
    };
}

//! The `gridlamp` binary: the command line around the library.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match gridlamp::cli::run().await {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            eprintln!("gridlamp: {error:#}");
            ExitCode::FAILURE
        }
    }
}

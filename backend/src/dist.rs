//! What `cargo xtask app` built, carried inside the binary: the app, and the font that paper is written
//! with. Sending it to browsers is `http::app`'s.

use rust_embed::RustEmbed;

/// The files, by their paths in `dist/`; compressed ones end in `.br` and `.gz`.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../dist"]
pub struct Dist;

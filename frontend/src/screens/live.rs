//! What a screen that shows the county as it is needs before its panels: the context they read,
//! the link that feeds it, and the words for its codes.

use std::sync::Arc;

use domain::wire::labels::Labels;
use geodata::region::Code;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::context::Context;
use crate::i18n::Lang;
use crate::link::socket;
use crate::net;
use crate::words::Words;

/// How long to wait before asking a silent server again, ms.
const RETRY_MS: i32 = 3_000;

/// Connects to the county within `scope` for as long as the page lives, and provides the context
/// to every panel below.
pub fn connect(lang: RwSignal<Lang>, scope: Code) -> Context {
    let ctx = Context::new(lang, scope);
    provide_context(ctx);
    socket::connect(ctx);
    spawn_local(async move {
        loop {
            let answer = net::get(&format!("/api/v1/labels?scope={scope}"), "zh-CN").await;
            if let Some(labels) = answer.json::<Labels>() {
                return ctx.words.set(Arc::new(Words::new(labels)));
            }
            net::wait(RETRY_MS).await;
        }
    });
    ctx
}

/// The scope of the address as far as it lies within one's own: a wall that was given another
/// region shows that one, whatever its address says.
pub fn wanted_scope(own: Code) -> Code {
    net::query("scope")
        .and_then(|text| text.parse().ok())
        .filter(|asked| own.contains(*asked))
        .unwrap_or(own)
}

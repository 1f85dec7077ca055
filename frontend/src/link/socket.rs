//! Drives the link: a websocket, a timer and the page's visibility in; the store's fold out.
//! What to do is decided in `connection` alone.

use std::cell::RefCell;
use std::rc::Rc;

use domain::wire::{self, ServerFrame};
use leptos::prelude::{Effect as Reaction, *};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CloseEvent, MessageEvent, VisibilityState, WebSocket};

use super::connection::{Connection, Effect, Input, Phase, Resume};
use crate::context::{Context, LinkView};
use crate::i18n::format;
use crate::net;
use crate::store::{self, Shared};

/// The close code of a socket that ended without one.
const ABNORMAL: u16 = 1006;

struct Driver {
    ctx: Context,
    store: Shared,
    connection: Connection,
    socket: Option<Socket>,
    /// Counts sockets, so that a late word of an old one is not taken for the new one's.
    generation: u32,
    degraded_since: i64,
}

struct Socket {
    inner: WebSocket,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

type SharedDriver = Rc<RefCell<Driver>>;

/// Connects `ctx` to the server for as long as the page lives.
pub fn connect(ctx: Context) {
    let store = store::Store::new(ctx);
    ctx.keep(&store);
    let driver = Rc::new(RefCell::new(Driver {
        ctx,
        store: Rc::clone(&store),
        connection: Connection::new(),
        socket: None,
        generation: 0,
        degraded_since: 0,
    }));
    input(&driver, &Input::Start, None);
    every(250, {
        let driver = Rc::clone(&driver);
        let mut beat = 0_u32;
        move || {
            store::tick(&store);
            beat = beat.wrapping_add(1);
            if beat.is_multiple_of(4) {
                input(&driver, &Input::Tick, None);
            }
        }
    });
    listen(&driver);
    Reaction::new(move |_| {
        ctx.view.track();
        driver.borrow().say_view();
    });
}

fn every(ms: u64, callback: impl FnMut() + 'static) {
    let callback = RefCell::new(callback);
    let _ = set_interval_with_handle(
        move || (callback.borrow_mut())(),
        std::time::Duration::from_millis(ms),
    );
}

fn listen(driver: &SharedDriver) {
    let shown = Rc::clone(driver);
    let _ = window_event_listener_untyped("visibilitychange", move |_| {
        if document().visibility_state() == VisibilityState::Visible {
            input(&shown, &Input::Foreground, None);
        }
    });
    let online = Rc::clone(driver);
    let _ = window_event_listener_untyped("online", move |_| {
        input(&online, &Input::Foreground, None);
    });
}

/// Steps the reducer and does what it says. `frame` is the frame at hand, if any.
fn input(driver: &SharedDriver, input: &Input<'_>, frame: Option<ServerFrame>) {
    let local = net::monotonic_ms();
    let effects = driver
        .borrow_mut()
        .connection
        .step(input, local, js_sys::Math::random());
    let mut frame = frame;
    for effect in effects {
        match effect {
            Effect::Open { from } => open(driver, from.as_deref()),
            Effect::Drop => close(driver),
            Effect::Fold => {
                if let Some(frame) = frame.take() {
                    fold(driver, frame);
                }
            }
            Effect::OtherLog => {
                let store = Rc::clone(&driver.borrow().store);
                store.borrow_mut().forget_ticker();
            }
            Effect::Reload => reload(),
        }
    }
    driver.borrow().show();
}

fn fold(driver: &SharedDriver, frame: ServerFrame) {
    let store = Rc::clone(&driver.borrow().store);
    match frame {
        ServerFrame::Snapshot(snapshot) => {
            store.borrow_mut().replace(snapshot.world);
            driver.borrow().ctx.loaded.set(true);
        }
        ServerFrame::Events(events) => store.borrow_mut().fold(&events),
        _ => {}
    }
    store::schedule(&store);
}

fn open(driver: &SharedDriver, from: Option<&str>) {
    close(driver);
    let url = net::live_url(&driver.borrow().ctx.scope.to_string(), from);
    let generation = {
        let mut d = driver.borrow_mut();
        d.generation += 1;
        d.generation
    };
    let Ok(inner) = WebSocket::new_with_str(&url, wire::SUBPROTOCOL) else {
        return;
    };
    let on_message = Rc::clone(driver);
    let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if on_message.borrow().generation == generation
            && let Some(text) = event.data().as_string()
        {
            hear(&on_message, &text);
        }
    });
    let on_close = Rc::clone(driver);
    let closed = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
        if on_close.borrow().generation == generation {
            let code = if event.code() == 0 {
                ABNORMAL
            } else {
                event.code()
            };
            input(&on_close, &Input::Closed { code }, None);
        }
    });
    inner.set_onmessage(Some(message.as_ref().unchecked_ref()));
    inner.set_onclose(Some(closed.as_ref().unchecked_ref()));
    driver.borrow_mut().socket = Some(Socket {
        inner,
        _message: message,
        _close: closed,
    });
}

fn close(driver: &SharedDriver) {
    let socket = driver.borrow_mut().socket.take();
    if let Some(socket) = socket {
        socket.inner.set_onmessage(None);
        socket.inner.set_onclose(None);
        let _ = socket.inner.close();
        // A closure may be the one that runs now: it is freed after it returns.
        set_timeout(move || drop(socket), std::time::Duration::ZERO);
    }
    driver.borrow_mut().generation += 1;
}

/// Hands a frame to whoever draws positions, if it is one of these.
fn place(driver: &SharedDriver, kind: &str, text: &str) {
    if kind != "positions" {
        return;
    }
    let ctx = driver.borrow().ctx;
    ctx.positions.with_value(|take| {
        if let Some(take) = take {
            take(text);
        }
    });
}

fn hear(driver: &SharedDriver, text: &str) {
    let Ok(frame) = ServerFrame::parse(text) else {
        return input(driver, &Input::Garbled, None);
    };
    let store = Rc::clone(&driver.borrow().store);
    match &frame {
        ServerFrame::Hello(hello) => {
            store.borrow_mut().tell_time(hello.now, hello.rate);
            store::tick(&store);
            driver.borrow().say_view();
            if is_other_version(hello.version.as_deref()) {
                return input(
                    driver,
                    &Input::Closed {
                        code: wire::close::VERSION_DIFFERS,
                    },
                    None,
                );
            }
            let resume = resume(hello.resume);
            let (epoch, position) = (hello.epoch.clone(), hello.position.clone());
            input(
                driver,
                &Input::Hello {
                    epoch: &epoch,
                    position: &position,
                    resume,
                },
                None,
            );
        }
        ServerFrame::Snapshot(snapshot) => {
            let position = snapshot.position.clone();
            input(
                driver,
                &Input::Snapshot {
                    position: &position,
                },
                Some(frame),
            );
        }
        ServerFrame::Events(events) => {
            let (from, to) = (events.from.clone(), events.to.clone());
            input(
                driver,
                &Input::Events {
                    from: &from,
                    to: &to,
                },
                Some(frame),
            );
        }
        ServerFrame::Clock(clock) => {
            store.borrow_mut().tell_time(clock.now, clock.rate);
            input(driver, &Input::Heard, None);
        }
        ServerFrame::Degraded(degraded) => {
            driver.borrow_mut().degraded_since = degraded.since.millis();
            input(driver, &Input::Degraded, None);
        }
        ServerFrame::Recovered => input(driver, &Input::Recovered, None),
        ServerFrame::Unknown(kind) => {
            place(driver, kind, text);
            input(driver, &Input::Heard, None);
        }
    }
}

fn resume(told: wire::Resume) -> Resume {
    match told {
        wire::Resume::NothingMissed => Resume::NothingMissed,
        wire::Resume::Replayed => Resume::Replayed,
        wire::Resume::Snapshot => Resume::Snapshot,
    }
}

/// Whether the server carries another app than this one; believed once, lest a cache that hands
/// out the old page for ever makes the wall reload for ever.
fn is_other_version(server: Option<&str>) -> bool {
    let Some(server) = server.filter(|v| !v.is_empty()) else {
        return false;
    };
    let Some(own) = net::meta("gridlamp-version").filter(|v| !v.is_empty()) else {
        return false;
    };
    if server == own || net::recall("reloaded-for").as_deref() == Some(server) {
        return false;
    }
    net::remember("reloaded-for", server);
    true
}

/// Where the last reload and how many followed each other are remembered.
const RELOADS_KEY: &str = "reloads";
/// Reloads further apart than this have nothing to do with each other, ms.
const RELOAD_APART_MS: u64 = 60_000;
/// The longest wait before a reload, ms.
const RELOAD_WAIT_MAX_MS: u64 = 60_000;

/// Reloads the page. A server that asks for it again and again is obeyed ever more slowly, lest
/// the screen does nothing else.
fn reload() {
    let now = js_sys::Date::now() as i64;
    let before = net::recall(RELOADS_KEY);
    let (wait, count) = reload_wait(before.as_deref(), now);
    net::remember(RELOADS_KEY, &format!("{now} {count}"));
    set_timeout(
        || drop(window().location().reload()),
        std::time::Duration::from_millis(wait),
    );
}

/// How long to wait before a reload, ms, and how many have followed each other with it.
fn reload_wait(before: Option<&str>, now_ms: i64) -> (u64, u32) {
    let before = before.and_then(|text| text.split_once(' '));
    let before = before.and_then(|(at, count)| Some((at.parse().ok()?, count.parse().ok()?)));
    let (at, count): (i64, u32) = before.unwrap_or((0, 0));
    if now_ms.abs_diff(at) > RELOAD_APART_MS {
        return (0, 1);
    }
    let wait = (1_000 << count.min(10)).min(RELOAD_WAIT_MAX_MS);
    // The first two may well be two changes that followed each other.
    (if count < 2 { 0 } else { wait }, count.saturating_add(1))
}

impl Driver {
    /// Says which part of the map positions are asked of.
    fn say_view(&self) {
        let text = self.ctx.view.with_untracked(|view| match view {
            None => r#"{"t":"view"}"#.to_owned(),
            Some((west, south, east, north)) => {
                let corners = [west, south, east, north].map(|corner| format::degrees(*corner));
                format!(r#"{{"t":"view","box":[{}]}}"#, corners.join(","))
            }
        });
        let open = self.socket.as_ref().map(|socket| &socket.inner);
        if let Some(socket) = open.filter(|one| one.ready_state() == WebSocket::OPEN) {
            // A socket that cannot send any more closes: the next hello says it again.
            let _ = socket.send_with_str(&text);
        }
    }

    /// Tells the panels where the link stands.
    fn show(&self) {
        let heard = || {
            let heard_at = self.connection.heard_at();
            if heard_at > 0.0 {
                self.store.borrow().server_ms(heard_at)
            } else {
                0
            }
        };
        let view = match self.connection.phase() {
            Phase::Idle | Phase::Connecting => LinkView::Connecting,
            Phase::Live if self.connection.is_degraded() => LinkView::Degraded(self.degraded_since),
            Phase::Live => LinkView::Live,
            Phase::Lost => LinkView::Lost(heard()),
            Phase::Closed(why) => LinkView::Closed(why),
        };
        let stale = match view {
            LinkView::Connecting | LinkView::Live => None,
            LinkView::Lost(since) | LinkView::Degraded(since) => Some(since),
            LinkView::Closed(_) => Some(heard()),
        };
        if self.ctx.link.get_untracked() != view {
            self.ctx.link.set(view);
        }
        if self.ctx.stale.get_untracked() != stale {
            self.ctx.stale.set(stale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reloads_that_follow_each_other_slow_down() {
        const AT: i64 = 1_000_000_000_000;
        assert_eq!(reload_wait(None, AT), (0, 1));
        assert_eq!(reload_wait(Some("1000000000000 1"), AT + 500), (0, 2));
        assert_eq!(reload_wait(Some("1000000000000 2"), AT + 500), (4_000, 3));
        assert_eq!(reload_wait(Some("1000000000000 9"), AT + 500).0, 60_000);
        assert_eq!(reload_wait(Some("1000000000000 9"), AT + 90_000), (0, 1));
        assert_eq!(reload_wait(Some("nonsense"), AT), (0, 1));
    }
}

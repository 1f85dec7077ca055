//! What only matters while it is new: cut by what a client shows, and thinned for who is behind.

use bytes::Bytes;
use futures_util::SinkExt;
use tokio::io::AsyncReadExt;
use tungstenite::Message;

use super::{ALL, OTHERS, Server, close_code, greeting, numbered, soon, text};
use crate::ws::fanout::{Latest, Limits, Row};
use crate::ws::frame::text_frame;

/// Rows of a key, at degrees east on the equator, with a number.
fn latest(rows: &[(u32, f64, usize)]) -> Latest {
    let row = |&(key, lon, number): &(u32, f64, usize)| Row {
        key,
        lon,
        lat: 0.0,
        text: Bytes::from(number.to_string()),
    };
    Latest {
        head: "",
        tail: "",
        rows: rows.iter().map(row).collect(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_behind_gets_only_the_newest_positions() {
    let filler = vec![b'h'; 24 << 20];
    let mut server = Server::start(Limits::default(), greeting(&filler)).await;
    let mut socket = server.bare_client(b"").await;
    let event = text_frame(&vec![b'e'; 70_000]);
    server.fanout.publish(vec![(ALL, event.clone())]);
    for round in 0..500 {
        server
            .fanout
            .publish_latest(ALL, latest(&[(7, 0.0, round)]));
    }
    let mut got = vec![0; filler.len() + 10 + event.len() + 5];
    soon(socket.read_exact(&mut got)).await.unwrap();
    assert_eq!(&got[got.len() - 5..], b"\x81\x03499");
    server.fanout.publish_latest(ALL, latest(&[(7, 0.0, 500)]));
    let mut next = [0; 5];
    soon(socket.read_exact(&mut next)).await.unwrap();
    assert_eq!(&next, b"\x81\x03500", "caught up: all is sent at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_are_those_of_what_a_client_shows() {
    let mut server = Server::plain().await;
    let (mut all, _) = server.client().await;
    let (mut part, id) = server.client().await;
    let (mut none, _) = server.client().await;
    let view = r#"{"t":"view","box":[10,-1,20,1]}"#;
    part.send(Message::text(view)).await.unwrap();
    assert_eq!(soon(server.viewed.recv()).await, Some((id, ALL)));
    none.send(Message::text(r#"{"t":"view"}"#)).await.unwrap();
    soon(server.viewed.recv()).await.unwrap();
    let three = latest(&[(1, 9.0, 1), (2, 10.0, 2), (3, 15.0, 3)]);
    server.fanout.publish_latest(ALL, three);
    server.fanout.publish_latest(ALL, latest(&[(1, 9.0, 4)]));
    server.fanout.fill(id, OTHERS, latest(&[(5, 15.0, 5)]));
    server
        .fanout
        .fill(id, ALL, latest(&[(1, 9.0, 6), (3, 15.0, 7)]));
    server.fanout.publish(vec![(ALL, numbered(8))]);
    for told in ["1,2,3", "4", "8"] {
        assert_eq!(text(&mut all).await, told);
    }
    for told in ["2,3", "", "7", "8"] {
        assert_eq!(
            text(&mut part).await,
            told,
            "an empty frame is a sign of life"
        );
    }
    assert_eq!(text(&mut none).await, "8");
    let wrong = r#"{"t":"view","box":[20,0,10,0]}"#;
    part.send(Message::text(wrong)).await.unwrap();
    assert_eq!(close_code(&mut part).await, 4004);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_behind_catches_up_with_what_it_shows() {
    let filler = vec![b'h'; 24 << 20];
    let mut server = Server::start(Limits::default(), greeting(&filler)).await;
    let view = br#"{"t":"view","box":[10,-1,20,1]}"#;
    let frame = [&[0x81, 0x80 | view.len() as u8, 0, 0, 0, 0], &view[..]].concat();
    let mut socket = server.bare_client(&frame).await;
    soon(server.viewed.recv()).await.unwrap();
    let event = text_frame(&vec![b'e'; 70_000]);
    server.fanout.publish(vec![(ALL, event.clone())]);
    for round in 0..500 {
        let both = latest(&[(7, 15.0, round), (8, 9.0, round)]);
        server.fanout.publish_latest(ALL, both);
    }
    let mut got = vec![0; filler.len() + 10 + event.len() + 5];
    soon(socket.read_exact(&mut got)).await.unwrap();
    assert_eq!(&got[got.len() - 5..], b"\x81\x03499");
}

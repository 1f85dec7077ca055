//! What callers send besides reports: headers, cookies, slips, queries, frames and bodies.

use domain::account::command::NewPerson;
use domain::incident::command::Command;
use domain::time::{Span, Timestamp};
use domain::wire::account::{
    Credentials, GrantAsk, PasswordChange, TokenAsk, TotpConfirm, WallChange, WallClaim,
    WallPairing, Welcome,
};
use gridlamp::account::signed::{self, Purpose};
use gridlamp::outside;
use serde_json::{Value, json};

use super::{Target, texts};

/// The secret the slips of this target are sealed with.
const SECRET: [u8; 32] = [7; 32];
const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

pub(super) const PEOPLE: Target = Target {
    name: "people_csv",
    seeds: || {
        texts(&[
            "id,name,phone,role,org,region,director\nzhang,张三,13800001234,grid,,330899101001001,\nzhang,张三,,village,v1,330899101001,true\n",
            "\u{feff}ID, Name ,role,region,org\n\"li,si\",\"李\"\"四\"\"\",centre,330899,\n",
            "a,b\n1,2\n",
        ])
    },
    run: outside::people,
};

pub(super) const FRAMES: Target = Target {
    name: "live_frames",
    seeds: || {
        [
            &b"\x05\x89\x85\x07\x4d\xb1\x1bhello\x8a\x80\0\0\0\0"[..],
            b"\x01\x01\x82\0\0\0\0hi\x89\x80\0\0\0\0\x80\x81\0\0\0\0!",
            b"\x40\x82\xfe\x10\0\x07\x4d\xb1\x1b",
            b"\x03\x88\x85\0\0\0\0\x03\xe9bye",
        ]
        .map(<[u8]>::to_vec)
        .to_vec()
    },
    run: |bytes| {
        let Some((cut, bytes)) = bytes.split_first() else {
            return;
        };
        let whole = outside::live_frames(bytes, usize::MAX);
        let pieces = outside::live_frames(bytes, usize::from(*cut));
        assert_eq!(whole, pieces, "where it is cut does not matter");
    },
};

pub(super) const HEADERS: Target = Target {
    name: "request_headers",
    seeds: || {
        texts(&[
            "\u{0}zh-CN,zh;q=0.9,en;q=0.8\n\u{1}203.0.113.9, 10.0.0.1\n\u{3}a=b; gridlamp_session=s.abc.def",
            "\u{2}for=\"[2001:db8::1]:4711\";proto=https, for=unknown\n\u{4}https://a.example:8443\n\u{5}a.example:8443",
            "\u{3}gridlamp_session=w...\n\u{0}\n\u{4}null",
        ])
    },
    run: |bytes| {
        let address = outside::request_headers(bytes);
        assert!(
            address.is_loopback(),
            "nobody is believed without being trusted"
        );
    },
};

pub(super) const SLIPS: Target = Target {
    name: "slips",
    seeds: slips,
    run: |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        let read: Option<Value> = signed::open(&SECRET, Purpose::Link, text, NOW);
        let ours = slips().iter().any(|slip| slip == bytes);
        assert!(read.is_none() || ours, "a slip that was changed passes");
    },
};

pub(super) const QUERIES: Target = Target {
    name: "queries",
    seeds: || {
        texts(&[
            "region=330899&status=open&lamp=red&category=07&level=%E2%85%A1&q=%E8%B7%AF&cursor=1795000000000_01890a5d-ac96-774b-bcce-b302099a8057&limit=20",
            "scope=330899&from=abc:42&zoom=10.5&at=2026-11-22T14:30:00%2B08:00",
            "limit=-1&zoom=NaN&cursor=_&from=:&dry_run=true",
        ])
    },
    run: |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            outside::queries(text);
        }
    },
};

pub(super) const BODIES: Target = Target {
    name: "bodies",
    seeds: || {
        texts(&[
            r#"{"command":"assess","severity":3}"#,
            r#"{"command":"feedback","result":"done","evidence":["a"],"expected_version":3}"#,
            r#"{"id":"zhang","name":"张三","phone":"138","posts":[{"id":"p1","role":"grid","region":"330899101001001"}]}"#,
            r#"{"id":"zhang","password":"x","code":"123456"}"#,
            r#"{"name":"hotline","role":"source","scope":"330899"}"#,
            r#"{"code":"ABCD23","name":"大厅","scope":"330899"}"#,
        ])
    },
    run: |bytes| {
        fn read<T: serde::de::DeserializeOwned>(bytes: &[u8]) {
            let _ = serde_json::from_slice::<T>(bytes);
        }
        read::<Command>(bytes);
        read::<NewPerson>(bytes);
        read::<Credentials>(bytes);
        read::<Welcome>(bytes);
        read::<PasswordChange>(bytes);
        read::<TotpConfirm>(bytes);
        read::<GrantAsk>(bytes);
        read::<TokenAsk>(bytes);
        read::<WallClaim>(bytes);
        read::<WallPairing>(bytes);
        read::<WallChange>(bytes);
    },
};

fn slips() -> Vec<Vec<u8>> {
    let seal = |body: Value| signed::seal(&SECRET, Purpose::Link, &body, Span::hours(1), NOW);
    let bodies = [
        json!({"person": "zhang"}),
        json!({"screen": "w1"}),
        json!(null),
    ];
    bodies.map(|body| seal(body).into_bytes()).to_vec()
}

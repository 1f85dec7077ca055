//! Short texts with a meaning: times, codes, positions; and the replies of Redis that hold them.

use std::fmt::Display;
use std::str::FromStr;

use domain::ids::IncidentId;
use domain::pack::catalogue::CategoryCode;
use domain::pack::limits::Limit;
use domain::pack::orgs::OrgId;
use domain::time::{Date, Timestamp, UtcOffset};
use geodata::region::Code;
use gridlamp::attachment::AttachmentId;
use gridlamp::log::Position;
use gridlamp::outside;

use super::{Target, texts};

pub(super) const POSITIONS: Target = Target {
    name: "positions",
    seeds: || {
        texts(&[
            "42",
            "1795000000000-7",
            "0-0",
            "18446744073709551615-18446744073709551615",
            "",
            "-",
        ])
    },
    run: |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        comes_back::<Position>(text);
        comes_back::<IncidentId>(text);
        if let Some(id) = AttachmentId::parse(text) {
            assert!(!id.as_str().contains(['/', '.', '\\']));
        }
    },
};

pub(super) const TERMINALS: Target = Target {
    name: "jt808_frames",
    seeds: || {
        [
            &b"\x07\x7e\x02\0\0\x1c\x01\x39\x89\x90\0\x01\0\x7d\x02\0\0\0\x01\0\0\0\x02\0\xba\x7f\x0e\x07\xe4\xf1\x1c\0\x28\0\x3c\0\0\x18\x10\x15\x10\x10\x10\x7e"[..],
            b"\x01\x7e\0\x02\0\0\x01\x39\x89\x90\0\x01\0\x01\x22\x7e\x7e\x7d\x01\x7d\x02\x7d\x03\x7e",
            b"\x40\x7e\x01\x02\x40\x03\x01\0\0\0\0\x01\x39\x89\x90\0\x01\0\x05abc\0\x7e",
        ]
        .map(<[u8]>::to_vec)
        .to_vec()
    },
    run: |bytes| {
        let Some((cut, bytes)) = bytes.split_first() else {
            return;
        };
        let whole = outside::terminal_frames(bytes, usize::MAX);
        let pieces = outside::terminal_frames(bytes, usize::from(*cut));
        assert_eq!(whole, pieces, "where it is cut does not matter");
    },
};

pub(super) const STREAM_REPLY: Target = Target {
    name: "stream_reply",
    seeds: || {
        texts(&[
            "*1\r\n*2\r\n$27\r\ngridlamp:{330899}:incidents\r\n*1\r\n*2\r\n$15\r\n1795000000000-1\r\n*12\r\n$3\r\nkey\r\n$1\r\na\r\n$7\r\nversion\r\n$1\r\n1\r\n$2\r\nat\r\n$25\r\n2026-11-22T14:30:00+08:00\r\n$5\r\nactor\r\n$2\r\n{}\r\n$4\r\ntype\r\n$8\r\nreported\r\n$4\r\ndata\r\n$2\r\n{}\r\n",
            "*0\r\n",
            "$-1\r\n",
            "*-1\r\n",
            "%1\r\n$1\r\na\r\n:1\r\n",
        ])
    },
    run: outside::stream_reply,
};

pub(super) const TIMES: Target = Target {
    name: "times_and_codes",
    seeds: || {
        texts(&[
            "2026-11-22T14:30:00+08:00",
            "2026-11-22T06:30:00.123456789Z",
            "2024-02-29",
            "+08:00",
            "-00:00",
            "15D",
            "30M",
            "3WD",
            "330899101001001",
            "0704",
            "330899-centre",
        ])
    },
    run: |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        comes_back::<Timestamp>(text);
        comes_back::<Date>(text);
        comes_back::<Code>(text);
        comes_back::<CategoryCode>(text);
        let _ = text.parse::<UtcOffset>();
        let _ = text.parse::<Limit>();
        let _ = text.parse::<OrgId>();
    },
};

/// What can be read can be written, and then reads the same.
fn comes_back<T: FromStr + Display + PartialEq>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        let again = value.to_string().parse::<T>();
        assert!(
            again.is_ok_and(|again| again == value),
            "{text:?} reads as {value}"
        );
    }
}

//! G.711 by tables.

use std::sync::LazyLock;

use crate::api::Codec;

/// Samples of one 20 ms packet.
pub(crate) const FRAME: usize = 160;

struct Tables {
    decode: [[i16; 256]; 2],
    transcode: [[u8; 256]; 2],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let ulaw = std::array::from_fn(|code| sipx_audio::g711::ulaw_decode(code as u8));
    let alaw = std::array::from_fn(|code| sipx_audio::g711::alaw_decode(code as u8));
    let to_alaw = ulaw.map(sipx_audio::g711::alaw_encode);
    let to_ulaw = alaw.map(sipx_audio::g711::ulaw_encode);
    Tables { decode: [ulaw, alaw], transcode: [to_alaw, to_ulaw] }
});

fn row(codec: Codec) -> usize {
    match codec {
        Codec::Pcmu => 0,
        Codec::Pcma => 1,
    }
}

/// The samples of a payload.
pub(crate) fn decode(codec: Codec, payload: &[u8]) -> impl Iterator<Item = i16> + '_ {
    let table = &TABLES.decode[row(codec)];
    payload.iter().map(move |&code| table[usize::from(code)])
}

/// The payload of samples.
pub(crate) fn encode(codec: Codec, samples: &[i16]) -> Vec<u8> {
    match codec {
        Codec::Pcmu => sipx_audio::g711::ulaw_encode_all(samples),
        Codec::Pcma => sipx_audio::g711::alaw_encode_all(samples),
    }
}

/// Turns a payload of `from` into the other codec.
pub(super) fn transcode(from: Codec, payload: &mut [u8]) {
    let table = &TABLES.transcode[row(from)];
    for code in payload {
        *code = table[usize::from(*code)];
    }
}

/// Loudness of a payload: the root mean square.
pub(super) fn level(codec: Codec, payload: &[u8]) -> u16 {
    let count = payload.len().max(1) as f64;
    let squares: f64 = decode(codec, payload).map(|sample| f64::from(sample).powi(2)).sum();
    (squares / count).sqrt().min(f64::from(i16::MAX)) as u16
}

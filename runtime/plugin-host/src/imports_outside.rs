//! What guests import besides the engine's own services: their settings, secrets they never see, the
//! world outside, messages to customers, and the two ends of what is known of a customer.

use sha2::{Digest as _, Sha256};
use wasmtime::Result;

use crate::asked::{channels, outbound as http};
use crate::convert;
use crate::guest::Guest;
use crate::track::crm::read::CrmError;
use crate::track::{
    address, analysis, channels as channel_types, connecting, conversation, messaging, outbound,
    pacing, secrets, segment, settings, webhook,
};

/// Longest datum that a code is made of.
const SIGNED_BYTES_MAX: usize = 4 << 20;

impl conversation::Host for Guest {}
impl channel_types::Host for Guest {}
impl webhook::Host for Guest {}
impl connecting::Host for Guest {}
impl analysis::Host for Guest {}
impl pacing::Host for Guest {}

impl settings::Host for Guest {
    async fn get(&mut self, name: String) -> Result<Option<String>> {
        let Some(services) = self.service()? else { return Ok(None) };
        let all = services.settings();
        Ok(all.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value))
    }

    async fn all(&mut self) -> Result<Vec<(String, String)>> {
        Ok(self.service()?.map(|services| services.settings()).unwrap_or_default())
    }
}

impl segment::Host for Guest {
    async fn kind(
        &mut self,
        address: String,
    ) -> Result<std::result::Result<segment::CustomerKind, CrmError>> {
        let Some(services) = self.service()? else { return Ok(Err(CrmError::Unavailable)) };
        let found = services.find_contact(&address).await;
        let kind = found.map(|card| segment::CustomerKind {
            id: card.id,
            segment: card.segment,
            language: card.language,
        });
        Ok(kind.map_err(convert::crm_error))
    }
}

impl address::Host for Guest {
    async fn of(
        &mut self,
        contact: String,
    ) -> Result<std::result::Result<address::Addresses, CrmError>> {
        let Some(services) = self.service()? else { return Ok(Err(CrmError::Unavailable)) };
        let found = services.contact_addresses(&contact).await;
        let found = found.map(|(phones, emails)| address::Addresses { phones, emails });
        Ok(found.map_err(convert::crm_error))
    }
}

impl outbound::Host for Guest {
    async fn send(
        &mut self,
        request: outbound::Request,
    ) -> Result<std::result::Result<http::Response, http::HttpError>> {
        let Some(services) = self.service()?.cloned() else {
            return Ok(Err(http::HttpError::NotAllowed("nothing is reached from here".to_owned())));
        };
        Ok(services.http(request).await)
    }
}

impl secrets::Host for Guest {
    async fn known(&mut self, name: String) -> Result<bool> {
        Ok(self.service()?.is_some_and(|services| services.secret(&name).is_some()))
    }

    async fn hmac_sha256(
        &mut self,
        name: String,
        data: Vec<u8>,
    ) -> Result<std::result::Result<Vec<u8>, secrets::SecretError>> {
        Ok(self.code(&name, &data)?.map(|code| code.to_vec()))
    }

    async fn verify_hmac_sha256(
        &mut self,
        name: String,
        data: Vec<u8>,
        code: Vec<u8>,
    ) -> Result<std::result::Result<bool, secrets::SecretError>> {
        Ok(self.code(&name, &data)?.map(|ours| alike(&ours, &code)))
    }

    async fn equals(
        &mut self,
        name: String,
        candidate: String,
    ) -> Result<std::result::Result<bool, secrets::SecretError>> {
        let ours = self.secret(&name)?;
        // Digests of both are compared: that takes as long wherever they differ.
        let digest = |text: &str| Sha256::digest(text.as_bytes());
        Ok(ours.map(|secret| alike(&digest(&secret), &digest(&candidate))))
    }
}

impl messaging::Host for Guest {
    async fn send(
        &mut self,
        channel: String,
        to: String,
        text: String,
        attributes: Vec<(String, String)>,
    ) -> Result<std::result::Result<messaging::Receipt, messaging::MessagingError>> {
        let Some(services) = self.service()?.cloned() else {
            return Ok(Err(messaging::MessagingError::Unavailable));
        };
        let choices = Vec::new();
        let message = channels::Outgoing { id: None, to, text, choices, attributes };
        Ok(services.send_message(&channel, message).await)
    }
}

impl Guest {
    fn secret(&mut self, name: &str) -> Result<std::result::Result<String, secrets::SecretError>> {
        let found = self.service()?.and_then(|services| services.secret(name));
        Ok(found.ok_or_else(|| secrets::SecretError::UnknownName(name.to_owned())))
    }

    fn code(
        &mut self,
        name: &str,
        data: &[u8],
    ) -> Result<std::result::Result<[u8; 32], secrets::SecretError>> {
        if SIGNED_BYTES_MAX < data.len() {
            wasmtime::bail!("a code is made of at most {SIGNED_BYTES_MAX} bytes");
        }
        Ok(self.secret(name)?.map(|secret| hmac_sha256(secret.as_bytes(), data)))
    }
}

/// HMAC with SHA-256 (RFC 2104).
fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut block = [0_u8; BLOCK];
    if BLOCK < key.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(data);
    let outer = Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c));
    outer.chain_update(inner.finalize()).finalize().into()
}

/// Compares in a time that depends on the lengths alone.
fn alike(ours: &[u8], theirs: &[u8]) -> bool {
    let differ = ours.iter().zip(theirs).fold(0, |differ, (a, b)| differ | (a ^ b));
    ours.len() == theirs.len() && std::hint::black_box(differ) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test cases 1, 2 and 6 of RFC 4231.
    #[test]
    fn codes_of_the_standard() {
        let hex =
            |code: [u8; 32]| code.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(
            hex(hmac_sha256(&[0x0b; 20], b"Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            hex(hmac_sha256(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(hmac_sha256(
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First"
            )),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn comparing() {
        assert!(alike(b"abc", b"abc"));
        assert!(!alike(b"abc", b"abd") && !alike(b"abc", b"abcd") && !alike(b"", b"a"));
    }
}

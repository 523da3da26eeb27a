//! Passwords, one-time codes and random secrets.

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use totp_rs::{Algorithm as Hash, Secret, TOTP};

/// The shortest password, in characters (NIST SP 800-63B asks for 8 and for no other rules).
pub const PASSWORD_MIN: usize = 10;
/// The longest, in bytes.
pub const PASSWORD_MAX: usize = 256;

/// Memory in KiB, passes, lanes: the second choice of OWASP's "Password Storage Cheat Sheet".
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// A one-time code holds for 30 s (RFC 6238).
const STEP: u64 = 30;
const DIGITS: usize = 6;
/// Letters and digits that are not taken for each other.
const READABLE: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

fn argon2() -> Argon2<'static> {
    let (memory, passes, lanes) = COST;
    // The constants are valid: the default is the same.
    let params = Params::new(memory, passes, lanes, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes a password by Argon2id (RFC 9106), in PHC format. Takes tens of milliseconds and 19 MiB.
///
/// # Errors
///
/// What the library says; not with a password that fits.
pub fn hash(password: &str) -> Result<String, String> {
    let salt = SaltString::generate(&mut OsRng);
    let hash = argon2().hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

/// Whether it is the password. Takes as long whatever the answer, also without a hash: whether there
/// is such a user cannot be told by the time.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    // The hash of no password: its tag is shorter than any that is computed.
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    argon2().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some()
}

/// Says what is wrong with a new password of the user `name`.
///
/// # Errors
///
/// Why it is not accepted, for people.
pub fn check_password(password: &str, name: &str) -> Result<(), String> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(format!("{PASSWORD_MIN} characters or more are accepted"));
    }
    if PASSWORD_MAX < password.len() {
        return Err(format!("at most {PASSWORD_MAX} bytes are accepted"));
    }
    let same = |c: char| password.starts_with(c) && password.chars().all(|other| other == c);
    if password.eq_ignore_ascii_case(name) || password.chars().next().is_some_and(same) {
        return Err("it is too easy to guess".to_owned());
    }
    Ok(())
}

/// 256 random bits, in Base64 for URLs.
pub fn random_token() -> String {
    let mut bytes = [0; 32];
    OsRng.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Random letters and digits in groups, for people to read and type: 5 bits each.
pub fn readable(groups: usize) -> String {
    let mut bytes = vec![0; groups * 4];
    OsRng.fill(&mut bytes);
    let letter = |byte: &u8| READABLE.get(usize::from(byte & 31)).map_or('x', |&c| char::from(c));
    let groups: Vec<String> =
        bytes.chunks(4).map(|group| group.iter().map(letter).collect()).collect();
    groups.join("-")
}

trait Fill {
    fn fill(&mut self, bytes: &mut [u8]);
}

impl Fill for OsRng {
    fn fill(&mut self, bytes: &mut [u8]) {
        argon2::password_hash::rand_core::RngCore::fill_bytes(self, bytes);
    }
}

/// The SHA-256 digest in hexadecimal: enough for secrets that are random.
pub fn digest(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn totp(secret: &str, account: &str) -> Option<TOTP> {
    let bytes = Secret::Encoded(secret.to_owned()).to_bytes().ok()?;
    let issuer = Some("Jackfield".to_owned());
    TOTP::new(Hash::SHA1, DIGITS, 1, STEP, bytes, issuer, account.replace(':', " ")).ok()
}

/// A new secret of one-time codes, in Base32, 160 bits.
pub fn totp_secret() -> String {
    let mut bytes = [0; 20];
    OsRng.fill(&mut bytes);
    Secret::Raw(bytes.to_vec()).to_encoded().to_string()
}

/// The `otpauth:` address that an authenticator reads from a picture.
pub fn totp_address(secret: &str, account: &str) -> String {
    totp(secret, account).map(|totp| totp.get_url()).unwrap_or_default()
}

/// The time step whose code it is, if it is the code of now, of the step before or of the one after,
/// and of none up to `used`.
pub fn totp_step(secret: &str, code: &str, now_seconds: u64, used: u64) -> Option<u64> {
    let totp = totp(secret, "")?;
    let now = now_seconds / STEP;
    let right = |step: &u64| used < *step && totp.generate(step * STEP) == code;
    [now, now.saturating_sub(1), now + 1].into_iter().find(right)
}

#[cfg(test)]
mod tests {
    use super::{check_password, hash, readable, totp_address, totp_secret, totp_step, verify};

    #[test]
    fn a_password_is_known_by_its_hash_only() {
        let kept = hash("correct horse battery").expect("a hash");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verify("correct horse battery", Some(&kept)));
        for wrong in ["", "correct horse batter", "Correct horse battery"] {
            assert!(!verify(wrong, Some(&kept)), "{wrong}");
            assert!(!verify(wrong, None));
        }
        assert!(!verify("anything", Some("no hash")));
    }

    /// RFC 6238, appendix B, with SHA-1, its last six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
        {
            let step = seconds / 30;
            assert_eq!(totp_step(secret, code, seconds, 0), Some(step));
            // A clock may be a step off, no more; and a code is taken once.
            assert_eq!(totp_step(secret, code, seconds + 30, 0), Some(step));
            assert_eq!(totp_step(secret, code, seconds + 90, 0), None);
            assert_eq!(totp_step(secret, code, seconds, step), None);
        }
        assert_eq!(totp_step("?", "287082", 59, 0), None);
    }

    #[test]
    fn secrets_are_made_to_be_read() {
        let address = totp_address(&totp_secret(), "anna@acme");
        assert!(address.starts_with("otpauth://totp/Jackfield:anna%40acme?secret="), "{address}");
        let word = readable(3);
        assert_eq!(word.len(), 14);
        assert!(word.split('-').all(|group| group.len() == 4), "{word}");
        assert_ne!(word, readable(3));
    }

    #[test]
    fn a_weak_password_is_told_why() {
        assert!(check_password("correct horse", "anna").is_ok());
        for weak in ["short", "aaaaaaaaaaaa", "anna@example.com", &"x1".repeat(200)] {
            assert!(check_password(weak, "Anna@example.com").is_err(), "{weak}");
        }
    }
}

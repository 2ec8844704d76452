//! What is said to a witness, and what it answers: C2SP's [tlog-witness](https://c2sp.org/tlog-witness), the client's half.
//!
//! A witness remembers of each log the last checkpoint that continued the one before. It cosigns a newer one only where a proof
//! shows that it continues that; so a log that shows its checkpoints to one can't take anything back. Nothing here speaks to a
//! network: whoever does gives it bytes and takes bytes.

use std::fmt;

use crate::{
    checkpoint::decimal,
    merkle::{Hash, sha256},
    note::{Algorithm, Note, Signature, SignatureError, VerifierKey},
};

/// The longest answer of a witness that is read, in bytes: some dozen post-quantum cosignatures.
pub const MAX_ANSWER: usize = 64 * 1024;

/// A request to cosign a checkpoint, the body of `POST <prefix>/add-checkpoint`.
#[derive(Clone, Debug)]
pub struct AddCheckpoint<'a> {
    /// The size of the checkpoint that the witness is believed to have cosigned last; 0 for none.
    pub old: u64,
    /// The proof that the new one continues it; empty where `old` is 0 or there is nothing new.
    pub proof: &'a [Hash],
    /// The new one, signed by the log.
    pub checkpoint: &'a Note,
}

/// The body as it is sent.
impl fmt::Display for AddCheckpoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Why an answer brings no cosignature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// It is longer than any that is read.
    #[error("the answer has {0} bytes, more than the {MAX_ANSWER} that are read")]
    TooLong(usize),
    /// It is no sequence of signature lines.
    #[error("line {0} of the answer is no signature")]
    Malformed(usize),
    /// None of the keys that are believed has signed.
    #[error("no cosignature of `{0}` is in the answer")]
    Missing(String),
    /// A known key's cosignature is wrong.
    #[error("the cosignature of `{name}`: {why}")]
    Signature {
        /// The name of the key.
        name: String,
        /// What is wrong with it.
        why: SignatureError,
    },
    /// It does not say when it was made, which a witness must.
    #[error("the cosignature of `{0}` does not say when it was made")]
    Undated(String),
}

/// Reads what a witness answered with 200: the cosignatures of `key` over the checkpoint, verified. Those of other keys are
/// ignored.
///
/// # Errors
///
/// [`AnswerError`] where there is none that holds.
pub fn cosignatures(
    answer: &[u8],
    checkpoint: &Note,
    key: &VerifierKey,
) -> Result<Vec<Signature>, AnswerError> {
    if answer.len() > MAX_ANSWER {
        return Err(AnswerError::TooLong(answer.len()));
    }
    let text = str::from_utf8(answer).map_err(|_| AnswerError::Malformed(1))?;
    let mut ours = Vec::new();
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        let signature = line.strip_suffix('\n').and_then(Signature::parse);
        let signature = signature.ok_or(AnswerError::Malformed(number))?;
        if !key.made(&signature) {
            continue;
        }
        let name = || key.name().to_owned();
        match key.verify(checkpoint.text(), &signature) {
            Ok(Some(1..)) => ours.push(signature),
            Ok(_) => return Err(AnswerError::Undated(name())),
            Err(why) => return Err(AnswerError::Signature { name: name(), why }),
        }
    }
    if ours.is_empty() { Err(AnswerError::Missing(key.name().to_owned())) } else { Ok(ours) }
}

/// Reads what a witness answered with 409: how many entries the checkpoint has that it cosigned last.
pub fn known_size(answer: &[u8]) -> Option<u64> {
    decimal(str::from_utf8(answer).ok()?.strip_suffix('\n')?)
}

/// Where below its monitoring prefix a witness serves the last checkpoint of a log that it cosigned.
pub fn monitoring_path(origin: &str) -> String {
    let hash = sha256(&[origin.as_bytes()]);
    let hex: String = hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}/checkpoint")
}

/// Whether keys of this kind cosign: a log's own kind says nothing of when it saw what.
pub fn can_cosign(key: &VerifierKey) -> bool {
    matches!(key.algorithm(), Algorithm::Ed25519Cosignature | Algorithm::MlDsa44)
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::note::Signer;

    /// The request of the specification, <https://c2sp.org/tlog-witness>.
    const REQUEST: &str = "\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
";

    /// Its answer.
    const ANSWER: &str = "\
— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==
— witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==
— witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==
";

    fn checkpoint() -> Note {
        Note::parse(REQUEST.split_once("\n\n").unwrap().1.as_bytes()).unwrap()
    }

    fn witness(algorithm: Algorithm) -> Signer {
        Signer::from_seed("witness.example/w1", algorithm, &Zeroizing::new([9; 32])).unwrap()
    }

    fn line(signature: &Signature) -> String {
        format!("{signature}\n")
    }

    #[test]
    fn the_request_of_the_specification_is_written_to_the_letter() {
        let proof: Vec<_> =
            REQUEST.lines().skip(1).take(4).map(|line| Hash::from_base64(line).unwrap()).collect();
        let request = AddCheckpoint { old: 20_852_014, proof: &proof, checkpoint: &checkpoint() };
        assert_eq!(request.to_string(), REQUEST);
        let first = AddCheckpoint { old: 0, proof: &[], checkpoint: &checkpoint() };
        assert!(first.to_string().starts_with("old 0\n\nexample.com/behind-the-sofa\n"));
    }

    #[test]
    fn cosignatures_of_the_known_key_are_verified_and_all_others_ignored() {
        for algorithm in [Algorithm::Ed25519Cosignature, Algorithm::MlDsa44] {
            let signer = witness(algorithm);
            let key = signer.verifier();
            assert!(can_cosign(key));
            let (note, made) = (checkpoint(), signer.sign(checkpoint().text(), 1_679_315_147).unwrap());
            // The specification's answer has lines of other keys of the same name.
            let missing = AnswerError::Missing("witness.example/w1".into());
            assert_eq!(cosignatures(ANSWER.as_bytes(), &note, key), Err(missing.clone()));
            let answer = format!("{ANSWER}{}", line(&made));
            assert_eq!(cosignatures(answer.as_bytes(), &note, key), Ok(vec![made.clone()]));
            assert_eq!(cosignatures(b"", &note, key), Err(missing));

            let mut flipped = made.clone();
            flipped.bytes[40] ^= 1;
            let wrong = cosignatures(line(&flipped).as_bytes(), &note, key);
            assert!(matches!(wrong, Err(AnswerError::Signature { .. })), "{wrong:?}");
            let undated = signer.sign(note.text(), 0).unwrap();
            let undated = cosignatures(line(&undated).as_bytes(), &note, key);
            assert_eq!(undated, Err(AnswerError::Undated("witness.example/w1".into())));
            let cut = line(&made);
            assert_eq!(
                cosignatures(cut.trim_end().as_bytes(), &note, key),
                Err(AnswerError::Malformed(1)),
                "the last line has no end"
            );
        }
        assert!(!can_cosign(witness(Algorithm::Ed25519).verifier()));
    }

    #[test]
    fn answers_that_are_none_are_refused() {
        let signer = witness(Algorithm::Ed25519Cosignature);
        let read = |answer: &[u8]| cosignatures(answer, &checkpoint(), signer.verifier()).unwrap_err();
        assert_eq!(read(b"<html>\n"), AnswerError::Malformed(1));
        assert_eq!(read(format!("{ANSWER}\n").as_bytes()), AnswerError::Malformed(4));
        assert_eq!(read(b"\xff"), AnswerError::Malformed(1));
        assert_eq!(read(&vec![b'a'; MAX_ANSWER + 1]), AnswerError::TooLong(MAX_ANSWER + 1));
    }

    #[test]
    fn the_size_of_a_conflict_is_read_strictly() {
        assert_eq!(known_size(b"20852014\n"), Some(20_852_014));
        assert_eq!(known_size(b"0\n"), Some(0));
        for answer in [&b"20852014"[..], b"", b"\n", b"007\n", b"+7\n", b"7\n\n", b"\xff\n", b"7 8\n"] {
            assert_eq!(known_size(answer), None, "{answer:?}");
        }
    }

    #[test]
    fn the_monitoring_path_is_the_hash_of_the_origin() {
        // `printf example.com/behind-the-sofa | sha256sum`
        let expected = "5fd2dc0beb4ce54da5050cf6d5c75248b023abad441c3cecde3976fbe9da4fe4/checkpoint";
        assert_eq!(monitoring_path("example.com/behind-the-sofa"), expected);
    }
}

//! The two databases behind one type: records, the key ring, the ledger's rows, jobs.

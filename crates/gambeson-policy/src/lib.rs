//! Rules, matching, the effective policy of one function, and the TW_POLICY envelope.

//! What must still be there after the engine was stopped and started again.

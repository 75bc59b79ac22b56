"""Parts of pages: a panel asks services, draws, and takes what people do; it computes nothing."""

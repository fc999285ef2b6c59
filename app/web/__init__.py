"""Everything that knows HTTP: routes, the stream and its protocol, problems, headers, assets."""

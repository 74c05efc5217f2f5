"""Questions to the store, in stages: parse, scope, choose the table, build SQL, run, fill, shape; one file each."""

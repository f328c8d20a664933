"""The only code that imports boto3: one module per AWS service, plain functions over the nouns."""

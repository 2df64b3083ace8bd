import { z } from 'zod'

// The page's policy forbids making code from strings, which zod would try for speed. Must run before any schema is made.
z.config({ jitless: true })

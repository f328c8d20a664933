"""What a work pool on Amazon ECS needs: the template of its tasks, their image, and the policies of their roles."""
